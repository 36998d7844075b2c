#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 1); __type(key, u32); __uint(value_size, 8192); } scratch SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 1 << 20); } rb SEC(".maps");
SEC("tp/syscalls/sys_enter_sendto")
int snd(struct trace_event_raw_sys_enter *ctx)
{
    u32 z = 0;
    char *buf = bpf_map_lookup_elem(&scratch, &z);
    if (!buf)
        return 0;
    u64 len = ctx->args[2];
    u32 off = 0;
    *(u32 *)buf = bpf_get_current_pid_tgid() >> 32;
    off += 4;
    *(u64 *)(buf + off) = len;
    off += 8;
    bpf_probe_read_user(buf + off, len, (void *)ctx->args[1]);
    bpf_ringbuf_output(&rb, buf, off + len, 0);
    return 0;
}
char _license[] SEC("license") = "GPL";
