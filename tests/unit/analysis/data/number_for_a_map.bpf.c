/* Nobody filled in the address of the map. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem((void *)0, &key) != 0;
}

char LICENSE[] SEC("license") = "GPL";
