#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 seen;

__attribute__((noinline)) int note(__u32 bytes)
{
	seen += bytes;
	return 0;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	note(skb->len);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
