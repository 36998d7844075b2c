#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct state {
	struct bpf_perf_event_data *volatile source;
	volatile __u64 rounds;
};

static long step(__u32 round, struct state *state)
{
	state->rounds = round;
	return 0;
}

SEC("perf_event")
int sample(struct bpf_perf_event_data *ctx)
{
	struct state state = {.source = ctx};

	bpf_loop(4, step, &state, 0);
	return state.source->sample_period > 1000;
}

char LICENSE[] SEC("license") = "GPL";
