#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_dynptr_clone(const struct bpf_dynptr *from, struct bpf_dynptr *to) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

__u64 last;

SEC("tp_btf/sched_switch")
int report(void *ctx)
{
	struct bpf_dynptr record, copy;
	__u64 *when;

	bpf_ringbuf_reserve_dynptr(&events, sizeof(*when), 0, &record);
	bpf_dynptr_clone(&record, &copy);
	when = bpf_dynptr_data(&copy, 0, sizeof(*when));
	if (!when) {
		bpf_ringbuf_discard_dynptr(&record, 0);
		return 0;
	}
	*when = bpf_ktime_get_ns();
	bpf_ringbuf_submit_dynptr(&record, 0); /* cause: ends every copy of the dynptr */
	last = *when; /* expect: stale-dynptr-memory */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
