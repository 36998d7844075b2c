/* What all programs here need, without vmlinux.h: they are loaded on the running kernel only. */
#include <stddef.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bpf_map;

#define NOINLINE static __attribute__((noinline))

struct flow {
	__u64 packets;
	__u32 state;
	__u32 history[13];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct flow);
} flows SEC(".maps");

char LICENSE[] SEC("license") = "GPL";
