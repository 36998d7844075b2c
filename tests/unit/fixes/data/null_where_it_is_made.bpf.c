#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_iter_css_task_new(struct bpf_iter_css_task *it, struct cgroup_subsys_state *css, unsigned int flags) __ksym;
struct task_struct *bpf_iter_css_task_next(struct bpf_iter_css_task *it) __ksym;
void bpf_iter_css_task_destroy(struct bpf_iter_css_task *it) __ksym;
struct cgroup *bpf_cgroup_from_id(__u64 id) __ksym;
void bpf_cgroup_release(struct cgroup *cgroup) __ksym;

int tasks;

SEC("syscall")
int count(void *ctx)
{
	struct bpf_iter_css_task it;
	struct cgroup *cgroup = bpf_cgroup_from_id(1);

	bpf_iter_css_task_new(&it, &cgroup->self, 0);
	while (bpf_iter_css_task_next(&it))
		tasks++;
	bpf_iter_css_task_destroy(&it);
	bpf_cgroup_release(cgroup);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
