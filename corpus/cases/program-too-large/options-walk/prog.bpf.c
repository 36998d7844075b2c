#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Options of a TCP header: kind, length, value. A length of 0 would never end. */
SEC("tc")
int find_option(struct __sk_buff *skb)
{
	__u32 at = 34 + 20;
	__u8 option[2] = {};

	while (at < 34 + 60) { /* expect: program-too-large */
		if (bpf_skb_load_bytes(skb, at, option, sizeof(option)))
			break;
		if (option[0] == 8)
			return 1;
		at += option[1]; /* cause: may add 0 */
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
