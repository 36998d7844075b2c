#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int total = -70;

static inline long long signed_quotient(long long a, long long b)
{
	unsigned long long size = a < 0 ? -(unsigned long long)a : a;
	unsigned long long by = b < 0 ? -(unsigned long long)b : b;

	return (a < 0) != (b < 0) ? -(size / by) : size / by;
}

static inline long long signed_remainder(long long a, long long b)
{
	unsigned long long size = a < 0 ? -(unsigned long long)a : a;
	unsigned long long by = b < 0 ? -(unsigned long long)b : b;

	return a < 0 ? -(size % by) : size % by;
}

SEC("tc")
int average(struct __sk_buff *skb)
{
	int packets = skb->mark;

	return signed_quotient(total * 2, packets) + signed_remainder(total, packets) + skb->len / 2;
}

char LICENSE[] SEC("license") = "GPL";
