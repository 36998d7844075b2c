#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } rb SEC(".maps");
struct e { int pid; char path[256]; };
SEC("kprobe/do_sys_openat2")
int BPF_KPROBE(opened, int dfd, const char *filename)
{
    struct e *ev = bpf_ringbuf_reserve(&rb, sizeof(*ev), 0);
    if (!ev)
        return 0;
    ev->pid = bpf_get_current_pid_tgid() >> 32;
    long n = bpf_probe_read_user_str(ev->path, sizeof(ev->path), filename);
    if (n < 0) {
        bpf_ringbuf_discard(ev, 0);
        return 0;
    }
    bpf_ringbuf_submit(ev, 0);
    return 0;
}
char _license[] SEC("license") = "GPL";
