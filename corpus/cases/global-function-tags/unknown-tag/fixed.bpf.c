#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int first(const __u32 *numbers)
{
	return numbers ? numbers[0] : 0;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u32 numbers[1] = { skb->len };

	return first(numbers);
}

char LICENSE[] SEC("license") = "GPL";
