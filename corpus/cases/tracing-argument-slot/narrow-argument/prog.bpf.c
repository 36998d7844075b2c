#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("fentry/vfs_read")
int on_read(unsigned long long *ctx)
{
	__u32 file = *(volatile __u32 *)&ctx[0]; /* expect: tracing-argument-slot */ /* cause: half of an argument */

	if (!file)
		bpf_printk("no file");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
