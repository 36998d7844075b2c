/* Clears ten slots of eight: unrolled, what comes after the last is undefined, and clang leaves it out. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>

#define SLOTS 8

struct table {
	__u64 slots[SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct table);
} tables SEC(".maps");

SEC("kprobe/do_nanosleep")
int on_sleep(struct pt_regs *ctx)
{
	__u32 zero = 0, i;
	struct table *t = bpf_map_lookup_elem(&tables, &zero);

	if (!t)
		return 0;
	for (i = 0; i <= SLOTS; i++)
		t->slots[i] = bpf_ktime_get_ns();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
