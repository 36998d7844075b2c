#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int first(__u32 *numbers) /* memory may be NULL without a tag */
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
