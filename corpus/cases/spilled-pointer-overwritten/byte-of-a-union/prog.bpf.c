#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

union slot {
	struct bpf_perf_event_data *volatile source;
	volatile __u8 kind;
};

SEC("perf_event")
int sample(struct bpf_perf_event_data *ctx)
{
	union slot slot;

	slot.source = ctx;
	slot.kind = 1; /* cause: writes one byte of the pointer */
	return slot.source->sample_period > 1000; /* expect: spilled-pointer-overwritten */
}

char LICENSE[] SEC("license") = "GPL";
