#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int first(__u8 (*table)[0x90000000])
{
	return table ? (*table)[0] : 0;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u64 small = skb->len;

	return first((void *)&small); /* expect: argument-memory-too-large */ /* cause: a pointer to more than 2 GB is asked for */
}

char LICENSE[] SEC("license") = "GPL";
