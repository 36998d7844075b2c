#include "vmlinux.h"
#include "../../kernel/sched/sched.h" /* expect: internal-header */ /* cause: in no package; vmlinux.h has its structures */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

SEC("kprobe/update_rq_clock")
int BPF_KPROBE(on_clock, struct rq *rq)
{
	bpf_printk("%u", BPF_CORE_READ(rq, nr_running));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
