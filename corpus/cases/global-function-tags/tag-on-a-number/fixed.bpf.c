#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int half(__u32 bytes)
{
	return bytes / 2;
}

SEC("tc")
int measure(struct __sk_buff *skb)
{
	return half(skb->len);
}

char LICENSE[] SEC("license") = "GPL";
