#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arg_trusted __attribute__((btf_decl_tag("arg:trusted")))

struct our_task {
	int pid;
};

__attribute__((noinline)) int pid_of(struct our_task *task __arg_trusted)
{
	return task->pid;
}

SEC("tp_btf/task_newtask")
int on_new(__u64 *ctx)
{
	return pid_of((struct our_task *)ctx[0]); /* expect: global-function-kernel-type */ /* cause: its argument is no type of the kernel */
}

char LICENSE[] SEC("license") = "GPL";
