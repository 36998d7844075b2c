#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u32 prefix_length = 4;
char prefix[16] = "bash";

SEC("tracepoint/syscalls/sys_enter_execve")
int on_exec(void *ctx)
{
	char comm[16] = {};
	int i;

	bpf_get_current_comm(comm, sizeof(comm));
	for (i = 0; i < 15; i++) {
		if (i >= prefix_length)
			return 1;
		if (comm[i] != prefix[i])
			return 0;
	}
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
