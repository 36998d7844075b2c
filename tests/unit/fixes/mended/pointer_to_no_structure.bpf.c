#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

struct ev { u64 ts; u32 pid; char name[32]; };
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } out SEC(".maps");
SEC("kprobe/do_unlinkat")
int BPF_KPROBE(unl, int dfd, struct filename *name)
{
    struct ev *e;
    const char *p = name->name;
    e->ts = bpf_ktime_get_ns();
    e->pid = bpf_get_current_pid_tgid() >> 32;
    bpf_probe_read_kernel_str(e->name, sizeof(e->name), p);
    bpf_perf_event_output(ctx, &out, BPF_F_CURRENT_CPU, e, sizeof(*e));
    return 0;
}
char _license[] SEC("license") = "GPL";
