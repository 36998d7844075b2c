#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Loads for root; without privilege the kernel refuses the type before it looks at the program. */
SEC("tracepoint/syscalls/sys_enter_execve")
int on_exec(void *ctx) /* expect: permission-denied */ /* cause: needs root */
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
