#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("fentry/vfs_read")
int on_read(unsigned long long *ctx)
{
	__u64 file = ctx[0];

	if (!file)
		bpf_printk("no file");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
