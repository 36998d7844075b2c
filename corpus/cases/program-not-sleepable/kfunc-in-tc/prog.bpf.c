#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_copy_from_user_str(void *dst, __u32 size, const void *from, __u64 flags) __ksym;

char name[16];
void *address;

SEC("tc")
int read_name(struct __sk_buff *skb)
{
	bpf_copy_from_user_str(name, sizeof(name), address, 0); /* expect: program-not-sleepable */ /* cause: may sleep, and tc may not */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
