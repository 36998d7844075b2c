#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int long_way(struct __sk_buff *skb)
{
	int sum = skb->len;

	asm volatile(".rept 5000; %[sum] += 1; .endr" : [sum] "+r"(sum));
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
