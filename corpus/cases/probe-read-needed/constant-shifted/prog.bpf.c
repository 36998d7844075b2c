#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>

#define PER_CPU_BASE 0x10000000UL

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} last SEC(".maps");

SEC("kprobe/do_nanosleep")
int on_sleep(struct pt_regs *ctx)
{
	__u32 zero = 0, cpu = bpf_get_smp_processor_id() & 7;
	__u64 load = *(__u64 *)(PER_CPU_BASE << cpu); /* expect: probe-read-needed */ /* cause: a number comes out, no pointer */

	bpf_map_update_elem(&last, &zero, &load, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
