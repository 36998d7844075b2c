#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) void name_of(char *name)
{
	bpf_get_current_comm(name, 16);
}

SEC("tracepoint/syscalls/sys_enter_execve")
int on_exec(void *ctx)
{
	char name[16];

	name_of(name);
	return name[0] == 's';
}

char LICENSE[] SEC("license") = "GPL";
