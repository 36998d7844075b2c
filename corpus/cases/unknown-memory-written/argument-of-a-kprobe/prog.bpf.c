#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 changed;

SEC("kprobe/do_nanosleep")
int shorten(struct pt_regs *ctx)
{
	__u64 *timeout = (__u64 *)PT_REGS_PARM1(ctx);

	*timeout = 0; /* expect: unknown-memory-written */ /* cause: an address that came as an argument */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
