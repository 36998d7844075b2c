#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int second(struct __sk_buff *skb)
{
	__u32 a[2] = {}, b[2] = {};

	return bpf_csum_diff(a, 8, b, 64, 0);
}

char LICENSE[] SEC("license") = "GPL";
