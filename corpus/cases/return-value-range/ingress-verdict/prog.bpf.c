#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/ingress")
int limit_size(struct __sk_buff *skb)
{
	if (skb->len > 1500)
		return 2; /* cause: 2 */
	return 1;
} /* expect: return-value-range */

char LICENSE[] SEC("license") = "GPL";
