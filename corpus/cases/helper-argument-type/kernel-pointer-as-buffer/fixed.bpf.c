#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(on_unlink, int dfd, struct filename *name)
{
	char text[32];

	bpf_probe_read_kernel(text, sizeof(text), name);
	return text[0] == '/';
}

char LICENSE[] SEC("license") = "GPL";
