#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define BACK ((__u32)-1)

__u64 window[16];

SEC("tc")
int previous(struct __sk_buff *skb)
{
	volatile char *at = (volatile char *)&window[8];

	at += BACK; /* expect: pointer-offset-too-large */
	return *at;
}

char LICENSE[] SEC("license") = "GPL";
