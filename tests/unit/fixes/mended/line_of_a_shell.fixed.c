#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(max_entries, 128); __type(key, u32); __type(value, u32); } events SEC(".maps");
struct line { u32 pid; char text[80]; };
SEC("uretprobe//bin/bash:readline")
int BPF_KRETPROBE(on_readline, const void *ret)
{
    struct line l;
    l.pid = bpf_get_current_pid_tgid() >> 32;
    const char *s = ret;
    for (int i = 0; i < sizeof(l.text); i++) {
        char value = 0;

        bpf_probe_read_user(&value, sizeof(value), &s[i]);
        l.text[i] = value;
        char value2 = 0;

        bpf_probe_read_user(&value2, sizeof(value2), &s[i]);
        if (!value2)
            break;
    }
    bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &l, sizeof(l));
    return 0;
}
char _license[] SEC("license") = "GPL";
