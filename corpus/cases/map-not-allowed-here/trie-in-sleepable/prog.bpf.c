#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16);
	__type(key, __u64);
	__type(value, __u64);
} nets SEC(".maps");

SEC("lsm.s/file_open") /* expect: map-not-allowed-here */ /* cause: may sleep, and the trie may not */
int BPF_PROG(seen, struct file *file)
{
	__u64 key = 0;

	bpf_map_delete_elem(&nets, &key);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
