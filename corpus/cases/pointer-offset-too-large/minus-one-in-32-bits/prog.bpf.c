#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define BACK ((__u32)-1)

__u64 window[16];

SEC("tc")
int previous(struct __sk_buff *skb)
{
	volatile char *at = (volatile char *)&window[8];

	at += BACK; /* cause: moves it 4 GB forward */
	return *at; /* expect: pointer-offset-too-large */
}

char LICENSE[] SEC("license") = "GPL";
