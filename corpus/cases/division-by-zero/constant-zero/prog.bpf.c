#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define BUCKETS 0 /* meant to be set with -D */

SEC("tc")
int spread(struct __sk_buff *skb)
{
	__u64 hash = skb->hash;

	asm volatile("%[hash] /= %[buckets]" : [hash]"+r"(hash) : [buckets]"i"(BUCKETS)); /* expect: division-by-zero */ /* cause: divides by 0 */
	return hash & 1;
}

char LICENSE[] SEC("license") = "GPL";
