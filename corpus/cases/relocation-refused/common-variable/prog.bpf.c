#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 packets; /* cause: no value, so -fcommon leaves it to a linker */

SEC("tc")
int count(struct __sk_buff *skb)
{
	packets++; /* expect: relocation-refused */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
