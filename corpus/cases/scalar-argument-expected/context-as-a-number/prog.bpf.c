#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int bucket(__u64 hash)
{
	return (hash >> 7) & 63;
}

SEC("tc")
int spread(struct __sk_buff *skb)
{
	return bucket((__u64)skb); /* expect: scalar-argument-expected */ /* cause: a pointer for a number */
}

char LICENSE[] SEC("license") = "GPL";
