#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("fentry/vfs_read")
int on_read(unsigned long long *ctx)
{
	if (ctx[3])
		bpf_printk("not from the start");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
