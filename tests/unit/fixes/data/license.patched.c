#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/vfs_read")
int spoken(void *ctx)
{
	return bpf_trace_printk("x", 2);
}
char LICENSE[] SEC("license") = "GPL";
