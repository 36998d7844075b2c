#include <linux/sched.h>
#include <kernel/sched/sched.h> /* expect: internal-header */ /* cause: not in the packages with headers */
BPF_HISTOGRAM(queue, u32);
int sample(struct bpf_perf_event_data *ctx) { struct rq *rq = (void *)bpf_get_current_task(); u32 n = rq->nr_running; queue.increment(n); return 0; }
