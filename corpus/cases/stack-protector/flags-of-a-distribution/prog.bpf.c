#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *ctx) /* expect: stack-protector */ /* cause: a local array, compiled with -fstack-protector-strong */
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	bpf_printk("%s", comm);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
