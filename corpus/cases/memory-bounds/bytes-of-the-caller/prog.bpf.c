#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ADDRESS 6

__noinline int is_multicast(__u8 *address)
{
	int zeros = 0;

	if (!address)
		return 0;
	for (int i = 1; i < ADDRESS; i++)
		zeros += !address[i]; /* expect: memory-bounds */ /* cause: one byte is all that is known of an argument */
	return zeros < 5 && address[0] & 1;
}

SEC("tc")
int drop_multicast(struct __sk_buff *skb)
{
	__u8 address[ADDRESS];

	if (bpf_skb_load_bytes(skb, 0, address, sizeof(address)))
		return 0;
	return is_multicast(address) ? 2 : 0;
}

char LICENSE[] SEC("license") = "GPL";
