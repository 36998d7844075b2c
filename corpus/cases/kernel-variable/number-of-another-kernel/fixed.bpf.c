#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct rq {
	unsigned int nr_running;
};

extern const struct rq runqueues __ksym;

SEC("tp_btf/sched_switch")
int count(void *ctx)
{
	return bpf_per_cpu_ptr(&runqueues, 0) == 0;
}

char LICENSE[] SEC("license") = "GPL";
