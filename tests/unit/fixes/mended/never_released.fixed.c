#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

extern struct cgroup *bpf_cgroup_from_id(u64 id) __ksym;
extern void bpf_cgroup_release(struct cgroup *c) __ksym;
u64 level;
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(mk, struct cgroup *cgrp, const char *path)
{
    struct cgroup *c = bpf_cgroup_from_id(cgrp->kn->id);
    if (!c)
        return 0;
    if (c->level > 3) {
        bpf_printk("deep %s", path);
        bpf_cgroup_release(c);
        return 0;
    }
    level = c->level;
    bpf_cgroup_release(c);
    return 0;
}
char _license[] SEC("license") = "GPL";
