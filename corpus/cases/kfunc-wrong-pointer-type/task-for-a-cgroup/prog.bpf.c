#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct cgroup *bpf_cgroup_acquire(struct cgroup *cgroup) __ksym;
void bpf_cgroup_release(struct cgroup *cgroup) __ksym;

SEC("tp_btf/cgroup_attach_task")
int keep(__u64 *ctx)
{
	struct cgroup *cgroup;

	cgroup = bpf_cgroup_acquire((void *)ctx[2]); /* expect: kfunc-wrong-pointer-type */ /* cause: the task, not the cgroup */
	if (cgroup)
		bpf_cgroup_release(cgroup);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
