#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
char LICENSE[] SEC("license") = "GPL";
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, int); __type(value, long); } counts SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");

static __noinline long twice(long *value) { return *value * 2; }

SEC("xdp")
int first_byte(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;

	return data[0] ? XDP_DROP : XDP_PASS;
}

SEC("kprobe/do_nanosleep")
int lookup(struct pt_regs *ctx)
{
	int key = 0;
	long *value = bpf_map_lookup_elem(&counts, &key);

	return twice(value);
}

SEC("kprobe/do_nanosleep")
int leak(struct pt_regs *ctx)
{
	long *event = bpf_ringbuf_reserve(&events, 8, 0);

	if (!event)
		return 0;
	*event = 1;
	return 0;
}

SEC("kprobe/do_nanosleep")
int forever(struct pt_regs *ctx)
{
	volatile int i = 0;

	for (;;)
		if (i == 7)
			break;
	return 0;
}

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}
