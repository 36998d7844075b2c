#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("fentry/vfs_read")
int on_read(unsigned long long *ctx)
{
	__u32 high = ((__u32 *)ctx)[5]; /* expect: tracing-argument-slot */ /* cause: half of an argument */

	if (high)
		bpf_printk("a very long read");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
