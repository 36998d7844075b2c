#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

void *bpf_rdonly_cast(const void *object, __u32 type_id) __ksym;

int pid;

SEC("tc")
int note(struct __sk_buff *skb)
{
	void *here = (void *)bpf_get_current_task();
	int *task = bpf_rdonly_cast(here, bpf_core_type_id_kernel(int)); /* expect: rdonly-cast-type */ /* cause: a number, not a structure */

	pid = *task;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
