#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

extern int bpf_dynptr_clone(const struct bpf_dynptr *from, struct bpf_dynptr *to) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 65536);
} exits SEC(".maps");

SEC("tp_btf/sched_process_exit")
int report(void *ctx)
{
	struct bpf_dynptr head, tail;
	u64 now = bpf_ktime_get_ns();

	bpf_ringbuf_reserve_dynptr(&exits, 64, 0, &head);
	bpf_dynptr_clone(&head, &tail);
	bpf_ringbuf_submit_dynptr(&tail, 0); /* cause: ends head as well */
	bpf_dynptr_write(&head, 0, &now, sizeof(now), 0); /* expect: dynptr-uninitialized */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
