#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

SEC("kprobe/__x64_sys_kill")
int on_kill(struct pt_regs *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)PT_REGS_PARM1(ctx);
	int signal = PT_REGS_PARM2_CORE(regs);

	return signal == 9;
}

char LICENSE[] SEC("license") = "GPL";
