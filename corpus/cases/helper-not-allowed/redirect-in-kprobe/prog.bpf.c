#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	return bpf_redirect(1, 0); /* expect: helper-not-allowed */ /* cause: not for kprobes */
}

char LICENSE[] SEC("license") = "GPL";
