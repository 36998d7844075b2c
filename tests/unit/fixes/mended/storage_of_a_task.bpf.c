#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct {
    __uint(type, BPF_MAP_TYPE_TASK_STORAGE);
    __uint(map_flags, BPF_F_NO_PREALLOC);
    __type(key, int);
    __type(value, u64);
} start SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1024);
    __type(key, u32);
    __type(value, u64);
} lat SEC(".maps");
SEC("tp_btf/sys_enter")
int BPF_PROG(enter, struct pt_regs *regs, long id)
{
    struct task_struct *t = (struct task_struct *)bpf_get_current_task();
    u64 *ts = bpf_task_storage_get(&start, t, 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
    if (ts)
        *ts = bpf_ktime_get_ns();
    return 0;
}
SEC("tp_btf/sys_exit")
int BPF_PROG(leave, struct pt_regs *regs, long ret)
{
    struct task_struct *t = bpf_get_current_task_btf();
    u64 *ts = bpf_task_storage_get(&start, t, 0, 0);
    u64 d = bpf_ktime_get_ns() - *ts;
    u32 pid = t->pid;
    bpf_map_update_elem(&lat, &pid, &d, BPF_ANY);
    return 0;
}
char _license[] SEC("license") = "GPL";
