#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) char *name_of(void)
{
	char name[16];
	char *start = name;

	bpf_get_current_comm(name, sizeof(name));
	asm volatile("" : "+r"(start));
	return start; /* expect: stack-pointer-escapes */ /* cause: its stack is gone afterwards */
}

SEC("tracepoint/syscalls/sys_enter_execve")
int on_exec(void *ctx)
{
	return name_of()[0] == 's';
}

char LICENSE[] SEC("license") = "GPL";
