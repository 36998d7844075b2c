#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define __kptr __attribute__((btf_type_tag("kptr")))

void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;
void bpf_obj_drop_impl(void *object, void *meta) __ksym;

struct note {
	struct task_struct __kptr *task;
	__u64 when;
};

SEC("fentry/vfs_write")
int start(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct note *note = bpf_obj_new_impl(bpf_core_type_id_local(struct note), NULL);

	if (!note)
		return 0;
	note->when = task->start_time;
	bpf_obj_drop_impl(note, NULL); /* expect: kfunc-nmi-unsafe-object */ /* cause: drops a task pointer with it */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
