#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	char wanted[] = "sshd"; /* the one that is wanted */
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	return bpf_strncmp(comm, sizeof(wanted), wanted) == 0;
}

char LICENSE[] SEC("license") = "GPL";
