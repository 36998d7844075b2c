#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int wait(struct __sk_buff *skb)
{
	volatile __u32 ready = 0;

	while (!ready) /* expect: infinite-loop */ /* cause: nothing changes it */
		;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
