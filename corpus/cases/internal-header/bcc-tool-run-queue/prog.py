#!/usr/bin/env python3
from bcc import BPF, PerfSWConfig, PerfType

b = BPF(text="""
#include <uapi/linux/ptrace.h>
#include <linux/sched.h>
#include "../kernel/sched/sched.h" /* expect: internal-header */ /* cause: not in the packages with headers */

BPF_HISTOGRAM(dist, unsigned int);

int on_sample(struct bpf_perf_event_data *ctx)
{
    struct task_struct *task = (struct task_struct *)bpf_get_current_task();
    struct cfs_rq *rq = (struct cfs_rq *)task->se.cfs_rq;
    unsigned int n = rq->nr_running;

    dist.increment(n);
    return 0;
}
""")
b.attach_perf_event(ev_type=PerfType.SOFTWARE, ev_config=PerfSWConfig.CPU_CLOCK, fn_name="on_sample",
                    sample_period=0, sample_freq=99)
