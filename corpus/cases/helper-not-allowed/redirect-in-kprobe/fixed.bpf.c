#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int on_exit(void *ctx)
{
	return bpf_redirect(1, 0);
}

char LICENSE[] SEC("license") = "GPL";
