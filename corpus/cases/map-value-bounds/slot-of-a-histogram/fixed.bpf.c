#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define MAX_SLOTS 26

struct hist {
	__u32 slots[MAX_SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u64);
	__type(value, __u64);
} start SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, struct hist);
} hists SEC(".maps");

static __always_inline __u32 log2l(__u64 v)
{
	__u32 r = 0, i;

	for (i = 0; i < 63 && v > 1; i++) {
		v >>= 1;
		r++;
	}
	return r;
}

SEC("kprobe/vfs_read_done")
int BPF_KPROBE(read_done, struct file *file, size_t count)
{
	__u64 id = bpf_get_current_pid_tgid(), delta, *when;
	__u32 slot, kind;
	struct hist *hist;

	when = bpf_map_lookup_elem(&start, &id);
	if (!when)
		return 0;
	delta = bpf_ktime_get_ns() - *when;
	kind = BPF_CORE_READ(file, f_flags) & 7;
	hist = bpf_map_lookup_elem(&hists, &kind);
	if (!hist)
		goto cleanup;
	slot = log2l(delta / 1000);
	if (slot >= MAX_SLOTS)
		slot = MAX_SLOTS - 1;
	__sync_fetch_and_add(&hist->slots[slot], 1);
cleanup:
	bpf_map_delete_elem(&start, &id);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
