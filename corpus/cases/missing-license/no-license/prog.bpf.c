#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 bytes_written;

SEC("kprobe/vfs_write")
int BPF_KPROBE(on_write, void *file, const char *buf, unsigned long count)
{
	char first = 0;

	bpf_probe_read_user(&first, 1, buf); /* expect: missing-license */ /* cause: needs a license compatible with the GPL */
	if (first == '{')
		bytes_written += count;
	return 0;
}

char LICENSE[] SEC("license") = "Proprietary";
