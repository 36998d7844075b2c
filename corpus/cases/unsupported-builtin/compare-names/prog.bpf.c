#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u32 prefix_length = 4;
char prefix[16] = "bash";

SEC("tracepoint/syscalls/sys_enter_execve")
int on_exec(void *ctx)
{
	char comm[16] = {};

	bpf_get_current_comm(comm, sizeof(comm));
	return __builtin_memcmp(comm, prefix, prefix_length & 15) == 0; /* expect: unsupported-builtin */ /* cause: a length known at run time only */
}

char LICENSE[] SEC("license") = "GPL";
