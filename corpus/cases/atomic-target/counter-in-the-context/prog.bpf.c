#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tc")
int mark(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&skb->mark, 1); /* expect: atomic-target */ /* cause: atomic on the context */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
