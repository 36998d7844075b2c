#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int present(void *node)
{
	return node != 0;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u64 node[2] = { skb->len };

	return present(node);
}

char LICENSE[] SEC("license") = "GPL";
