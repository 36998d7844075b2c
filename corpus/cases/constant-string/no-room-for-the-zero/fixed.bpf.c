#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static const char wanted[] = "sshd";

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	char comm[16] = {};

	bpf_get_current_comm(comm, sizeof(comm));
	return bpf_strncmp(comm, 4, wanted) == 0;
}

char LICENSE[] SEC("license") = "GPL";
