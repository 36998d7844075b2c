#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

__u64 last;

SEC("tracepoint/sched/sched_switch")
int report(void *ctx)
{
	struct bpf_dynptr record;
	__u64 *when;

	bpf_ringbuf_reserve_dynptr(&events, sizeof(*when), 0, &record);
	when = bpf_dynptr_data(&record, 0, sizeof(*when));
	if (!when) {
		bpf_ringbuf_discard_dynptr(&record, 0);
		return 0;
	}
	*when = bpf_ktime_get_ns();
	bpf_ringbuf_submit_dynptr(&record, 0); /* cause: ends the dynptr, and its memory */
	last = *when; /* expect: stale-dynptr-memory */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
