#include <uapi/linux/ptrace.h>

int on_open(struct pt_regs *ctx)
{
	char comm[16];
	char name[32];

	bpf_get_current_comm(&comm, sizeof(comm));
	bpf_probe_read_user_str(&name, sizeof(name), (void *)PT_REGS_PARM2(ctx));
	bpf_trace_printk("%s opens %s\n", comm, name); /* expect: trace-printk-strings */ /* cause: two texts */
	return 0;
}
