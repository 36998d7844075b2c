#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct arguments {
	__u64 outgoing, incoming;
};

static __noinline int handle(struct arguments *arguments)
{
	return arguments->incoming & 1;
}

SEC("tc")
int pass_on(struct __sk_buff *skb)
{
	struct arguments arguments = { .outgoing = skb->len, .incoming = skb->mark };

	return handle(&arguments);
}

char LICENSE[] SEC("license") = "GPL";
