#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char wanted[8] = "sshd";

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	char comm[16] = {};

	bpf_get_current_comm(comm, sizeof(comm));
	return bpf_strncmp(comm, 8, wanted) == 0; /* expect: constant-string */ /* cause: the string may change */
}

char LICENSE[] SEC("license") = "GPL";
