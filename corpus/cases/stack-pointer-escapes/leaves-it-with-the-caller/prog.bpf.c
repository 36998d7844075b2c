#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int name_of(char **where)
{
	char name[16];
	char *start = name;

	bpf_get_current_comm(name, sizeof(name));
	asm volatile("" : "+r"(start));
	*where = start; /* expect: stack-pointer-escapes */ /* cause: its stack is gone afterwards */
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_execve")
int on_exec(void *ctx)
{
	char *name;

	name_of(&name);
	return name[0] == 's';
}

char LICENSE[] SEC("license") = "GPL";
