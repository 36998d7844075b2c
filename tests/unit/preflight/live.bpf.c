/* Programs that tests/unit/preflight/test_live.py attaches, or does not. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u64);
	__type(value, __u64);
} times SEC(".maps");

SEC("tp/sched/sched_switch")
int switches(void *ctx)
{
	return 0;
}

SEC("raw_tp/sched_switch")
int fills(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&times, &now, &now, BPF_ANY);
	return 0;
}

const volatile __u32 only = 5000000; /* no process has this number */

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("raw_tp/sched_switch")
int filtered(void *ctx)
{
	__u32 process = bpf_get_current_pid_tgid() >> 32, key = 0;
	__u64 *count;

	if (process != only)
		return 0;
	count = bpf_map_lookup_elem(&seen, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

SEC("raw_tp/sched_switch")
int counts(void *ctx)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&seen, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

SEC("raw_tp/sched_switch")
int sends(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();

	bpf_ringbuf_output(&events, &now, sizeof(now), 0);
	return 0;
}

SEC("raw_tp/sched_process_hang")
int hangs(void *ctx)
{
	return 0;
}

SEC("tp_btf/sched_switch")
int forgotten(void *ctx)
{
	return 0;
}

SEC("tp/sched/sched_switch")
int unnamed(void *ctx)
{
	return 0;
}

SEC("xdp")
int packets(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("cgroup_skb/egress")
int leaves(struct __sk_buff *skb)
{
	return 1;
}

SEC("perf_event")
int ticks(void *ctx)
{
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

SEC("raw_tp/sched_switch")
int keeps(void *ctx)
{
	__u32 key = bpf_get_current_pid_tgid() & 16383;
	__u64 *count = bpf_map_lookup_elem(&table, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
