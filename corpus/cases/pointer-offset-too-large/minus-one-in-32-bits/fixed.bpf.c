#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define BACK (-1L)

__u64 window[16];

SEC("tc")
int previous(struct __sk_buff *skb)
{
	volatile char *at = (volatile char *)&window[8];

	at += BACK;
	return *at;
}

char LICENSE[] SEC("license") = "GPL";
