#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct note {
	char name[8];
	struct bpf_perf_event_data *volatile source;
};

SEC("perf_event")
int sample(struct bpf_perf_event_data *ctx)
{
	struct note note = {.source = ctx};

	bpf_get_current_comm(&note, 16); /* cause: writes beyond the eight bytes of the name */
	return note.source->sample_period > 1000; /* expect: spilled-pointer-overwritten */
}

char LICENSE[] SEC("license") = "GPL";
