#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 64); __type(key, u32); __type(value, u64); } m SEC(".maps");
struct sum { u64 total; };
static long add(struct bpf_map *map, u32 *key, u64 *val, struct sum *s)
{
    s->total += *val;
    return *val > 1000 ? 2 : 0;
}
u64 result;
SEC("tp/sched/sched_switch")
int total(void *ctx)
{
    struct sum s;
    bpf_for_each_map_elem(&m, add, &s, 0);
    result = s.total;
    return 0;
}
char _license[] SEC("license") = "GPL";
