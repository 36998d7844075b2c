#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("fentry/vfs_read")
int on_read(unsigned long long *ctx)
{
	if (ctx[4]) /* expect: context-access */ /* cause: vfs_read has four arguments */
		bpf_printk("a fifth argument");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
