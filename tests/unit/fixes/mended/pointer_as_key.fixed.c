#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1024); __type(key, u64); __type(value, u64); } inflight SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1024); __type(key, u32); __type(value, u64); } total SEC(".maps");
SEC("kprobe/blk_mq_start_request")
int BPF_KPROBE(start, struct request *rq)
{
    u64 ts = bpf_ktime_get_ns();
    bpf_map_update_elem(&inflight, &rq, &ts, BPF_ANY);
    return 0;
}
SEC("kprobe/blk_mq_end_request")
int BPF_KPROBE(end, struct request *rq)
{
    u64 *ts = bpf_map_lookup_elem(&inflight, &rq);
    if (!ts)
        return 0;
    u32 flags = BPF_CORE_READ(rq, cmd_flags) & 0xff;
    u64 delta = bpf_ktime_get_ns() - *ts;
    u64 *sum = bpf_map_lookup_elem(&total, &flags);
    if (sum)
        *sum += delta;
    else
        bpf_map_update_elem(&total, &flags, &delta, BPF_ANY);
    bpf_map_delete_elem(&inflight, &rq);
    return 0;
}
char _license[] SEC("license") = "GPL";
