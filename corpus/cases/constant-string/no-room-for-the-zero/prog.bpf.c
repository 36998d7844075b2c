#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static const char wanted[4] = "sshd";

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	char comm[16] = {};

	bpf_get_current_comm(comm, sizeof(comm));
	return bpf_strncmp(comm, 4, wanted) == 0; /* expect: constant-string */ /* cause: no zero at its end */
}

char LICENSE[] SEC("license") = "GPL";
