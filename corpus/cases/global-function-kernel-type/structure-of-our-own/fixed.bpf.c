#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define __arg_trusted __attribute__((btf_decl_tag("arg:trusted")))

__attribute__((noinline)) int pid_of(struct task_struct *task __arg_trusted)
{
	return task->pid;
}

SEC("tp_btf/task_newtask")
int on_new(__u64 *ctx)
{
	return pid_of((struct task_struct *)ctx[0]);
}

char LICENSE[] SEC("license") = "GPL";
