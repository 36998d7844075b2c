#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tracepoint/sched/sched_process_fork")
int on_fork(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
