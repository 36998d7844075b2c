#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/vfs_read")
int name(void *ctx)
{
	char comm[16];

	if (bpf_get_current_comm(&comm, sizeof(comm))) return 1;
	return comm[0];
}

char LICENSE[] SEC("license") = "GPL";
