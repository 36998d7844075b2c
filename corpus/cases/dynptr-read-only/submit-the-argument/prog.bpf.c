#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} orders SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

static long handle(struct bpf_dynptr *order, void *context)
{
	bpf_ringbuf_submit_dynptr(order, 0); /* expect: dynptr-read-only */ /* cause: not the callback's to give back */
	return 0;
}

SEC("raw_tp/sys_enter")
int drain(void *ctx)
{
	bpf_user_ringbuf_drain(&orders, handle, NULL, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
