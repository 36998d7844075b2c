#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int steps(int n)
{
	int before = 0, now = 1, i;

	for (i = 0; i < 40 && i < n; i++) {
		int next = before + now;

		before = now;
		now = next;
	}
	return before;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	return steps(skb->len);
}

char LICENSE[] SEC("license") = "GPL";
