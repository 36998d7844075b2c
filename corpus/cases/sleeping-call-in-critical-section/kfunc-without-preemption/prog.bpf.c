#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void bpf_preempt_disable(void) __ksym;
void bpf_preempt_enable(void) __ksym;
int bpf_copy_from_user_str(void *dst, __u32 size, const void *from, __u64 flags) __ksym;

char name[16];
void *address;

SEC("syscall")
int read_name(void *ctx)
{
	bpf_preempt_disable();
	bpf_copy_from_user_str(name, sizeof(name), address, 0); /* expect: sleeping-call-in-critical-section */ /* cause: may sleep, without preemption */
	bpf_preempt_enable();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
