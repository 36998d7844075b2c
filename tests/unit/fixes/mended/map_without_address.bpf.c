#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
struct start { u64 ts; char comm[16]; };
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 10240);
    __type(key, u32);
    __type(value, struct start);
} starts SEC(".maps");
struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 32);
    __type(key, u32);
    __type(value, u64);
} hist SEC(".maps");
SEC("kprobe/vfs_read")
int on_entry(struct pt_regs *ctx)
{
    struct start s = {};
    u32 tid = bpf_get_current_pid_tgid();
    s.ts = bpf_ktime_get_ns();
    bpf_get_current_comm(s.comm, sizeof(s.comm));
    bpf_map_update_elem(starts, &tid, &s, BPF_ANY);
    return 0;
}
static __always_inline u32 log2u(u64 v)
{
    u32 r = 0;
    while (v > 1) {
        v >>= 1;
        r++;
    }
    return r;
}
SEC("kretprobe/vfs_read")
int on_return(struct pt_regs *ctx)
{
    u32 tid = bpf_get_current_pid_tgid();
    struct start *s = bpf_map_lookup_elem(&starts, &tid);
    u64 delta = bpf_ktime_get_ns() - s->ts;
    u32 slot = log2u(delta / 1000);
    u64 *n = bpf_map_lookup_elem(&hist, &slot);
    if (n)
        *n += 1;
    bpf_map_delete_elem(&starts, &tid);
    return 0;
}
char _license[] SEC("license") = "GPL";
