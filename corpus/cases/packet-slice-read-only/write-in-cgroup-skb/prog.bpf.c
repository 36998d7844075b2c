#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym;
void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;
void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;

SEC("cgroup_skb/egress")
int clear(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;
	char buffer[20] = {}, *bytes;

	if (bpf_dynptr_from_skb(skb, 0, &packet))
		return 1;
	bytes = bpf_dynptr_slice_rdwr(&packet, 0, buffer, sizeof(buffer)); /* expect: packet-slice-read-only */ /* cause: asks to write, and may only read */
	if (bytes)
		bytes[1] = 0;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
