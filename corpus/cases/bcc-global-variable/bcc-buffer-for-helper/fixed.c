#include <uapi/linux/ptrace.h>
#include <linux/sched.h>

struct name_data { char data[TASK_COMM_LEN]; }; BPF_PERCPU_ARRAY(name, struct name_data, 1);

static inline int is_shell(void)
{
	int name_key = 0;
	struct name_data *name_value = name.lookup(&name_key);

	if (!name_value)
		return 0;
	bpf_get_current_comm(name_value->data, sizeof(name_value->data));
	return name_value->data[0] == 's' && name_value->data[1] == 'h' && name_value->data[2] == 0;
}

int kprobe__do_exit(struct pt_regs *ctx)
{
	if (is_shell())
		bpf_trace_printk("a shell ends\n");
	return 0;
}
