#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	__u64 *map = (__u64 *)&counters;

	asm volatile("" : "+r"(map));
	return map[-1] == 0; /* expect: map-struct-access */ /* cause: in front of the map */
}

char LICENSE[] SEC("license") = "GPL";
