/* Each program needs something that some kernels lack, or tests for it first. tests/lab/test_needs.py */
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

#define CORE __attribute__((preserve_access_index))

struct task_struct {
	int pid;
} CORE;
struct task_struct___before {
	long state;
} CORE;
struct task_struct___after {
	unsigned int __state;
} CORE;
struct bpf_nothing_like_it {
	int here;
} CORE;
struct bpf_iter_num___any {
	int unused;
} CORE;
enum bpf_func_id___any {
	BPF_FUNC_loop___any = 181,
};

extern void bpf_task_release(struct task_struct *task) __ksym __weak;
extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym __weak;
extern struct task_struct *bpf_task_from_pid(int pid) __ksym __weak;
extern const int LINUX_KERNEL_VERSION __kconfig;
const volatile int more = 0;

static long nothing(unsigned int index, void *context)
{
	return 0;
}

SEC("raw_tp/sched_switch")
int plain(__u64 *ctx)
{
	return ((struct task_struct *)ctx[1] != 0) & 1;
}

SEC("raw_tp/sched_switch")
int helper(__u64 *ctx)
{
	return bpf_loop(3, nothing, 0, 0) & 1;
}

SEC("raw_tp/sched_switch")
int helper_by_version(__u64 *ctx)
{
	if (LINUX_KERNEL_VERSION >= KERNEL_VERSION(5, 17, 0))
		return bpf_loop(3, nothing, 0, 0) & 1;
	return 0;
}

SEC("raw_tp/sched_switch")
int helper_by_its_number(__u64 *ctx)
{
	if (bpf_core_enum_value_exists(enum bpf_func_id___any, BPF_FUNC_loop___any))
		return bpf_loop(3, nothing, 0, 0) & 1;
	return 0;
}

SEC("raw_tp/sched_switch")
int helper_if_set(__u64 *ctx)
{
	if (more)
		return bpf_loop(3, nothing, 0, 0) & 1;
	return 0;
}

SEC("tp_btf/sched_switch")
int kfunc(__u64 *ctx)
{
	struct task_struct *task = bpf_task_from_pid(1);

	if (task)
		bpf_task_release(task);
	return 0;
}

SEC("tp_btf/sched_switch")
int kfunc_if_there(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1];

	if (bpf_task_acquire) {
		task = bpf_task_acquire(task);
		if (task)
			bpf_task_release(task);
	}
	return 0;
}

SEC("raw_tp/sched_switch")
int field_of_old(__u64 *ctx)
{
	struct task_struct___before *task = (void *)ctx[1];

	return BPF_CORE_READ(task, state) & 1;
}

SEC("raw_tp/sched_switch")
int field_of_new(__u64 *ctx)
{
	struct task_struct___after *task = (void *)ctx[1];

	return BPF_CORE_READ(task, __state) & 1;
}

SEC("raw_tp/sched_switch")
int field_of_either(__u64 *ctx)
{
	struct task_struct___before *before = (void *)ctx[1];
	struct task_struct___after *after = (void *)ctx[1];

	if (bpf_core_field_exists(after->__state))
		return BPF_CORE_READ(after, __state) & 1;
	return BPF_CORE_READ(before, state) & 1;
}

SEC("raw_tp/sched_switch")
int type_of_none(__u64 *ctx)
{
	struct bpf_nothing_like_it *it = (void *)ctx[1];

	return BPF_CORE_READ(it, here) & 1;
}

SEC("raw_tp/sched_switch")
int type_if_there(__u64 *ctx)
{
	if (bpf_core_type_exists(struct bpf_iter_num___any))
		return bpf_loop(3, nothing, 0, 0) & 1;
	return 0;
}

SEC("lsm.s/bprm_committed_creds")
int sleeps(__u64 *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
