/* Kernel and user stack of one sample, in one record. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>

#define DEPTH 127

struct sample {
	__u32 pid;
	__u32 size;
	__u64 ips[2 * DEPTH];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sample);
} heap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

SEC("kprobe/do_nanosleep")
int on_sleep(struct pt_regs *ctx)
{
	__u32 zero = 0;
	struct sample *s = bpf_map_lookup_elem(&heap, &zero);
	int max = DEPTH * 8, kernel, user;

	if (!s)
		return 0;
	kernel = bpf_get_stack(ctx, s->ips, max, 0);
	if (kernel < 0)
		return 0;
	user = bpf_get_stack(ctx, (void *)s->ips + kernel, max - kernel, BPF_F_USER_STACK);
	if (user < 0)
		return 0;
	s->pid = bpf_get_current_pid_tgid() >> 32;
	s->size = kernel + user;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, s, sizeof(*s));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
