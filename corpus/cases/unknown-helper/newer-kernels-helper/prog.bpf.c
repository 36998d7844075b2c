#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* A helper of a kernel that is not out yet; headers of today's kernels don't have it. */
static long (*bpf_of_tomorrow)(void) = (void *)4000;

SEC("tc")
int tomorrow(struct __sk_buff *skb)
{
	return bpf_of_tomorrow() & 1; /* expect: unknown-helper */ /* cause: newer than the kernel */
}

char LICENSE[] SEC("license") = "GPL";
