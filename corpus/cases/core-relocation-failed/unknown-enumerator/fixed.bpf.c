#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

enum pid_type___mine {
	PIDTYPE_OF_NOBODY = 40,
};

SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *ctx)
{
	int value = 0;

	if (bpf_core_enum_value_exists(enum pid_type___mine, PIDTYPE_OF_NOBODY))
		value = bpf_core_enum_value(enum pid_type___mine, PIDTYPE_OF_NOBODY);

	bpf_printk("%d", value);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
