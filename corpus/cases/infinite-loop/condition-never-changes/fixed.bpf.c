#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int wait(struct __sk_buff *skb)
{
	volatile __u32 ready = 0;
	int i;

	for (i = 0; i < 64 && !ready; i++)
		;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
