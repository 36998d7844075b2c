#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

enum pid_type___mine {
	PIDTYPE_OF_NOBODY = 40,
};

SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *ctx)
{
	int value = bpf_core_enum_value(enum pid_type___mine, PIDTYPE_OF_NOBODY);

	bpf_printk("%d", value); /* expect: core-relocation-failed */ /* cause: no kernel has this enumerator */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
