#include "shared.h"

struct task_struct;
struct vm_area_struct;

struct found {
	__u64 seen;
};

static long look(struct task_struct *task, struct vm_area_struct *vma, struct found *found)
{
	found->seen++;
	found[2].seen++; /* behind the one that was given */
	return 0;
}

SEC("raw_tp/sys_enter")
int handed_vma(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task_btf();
	struct found found = {};

	bpf_find_vma(task, 4096, look, &found, 0);
	return found.seen > 1;
}
