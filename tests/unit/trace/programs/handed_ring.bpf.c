#include "shared.h"

struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} commands SEC(".maps");

struct seen {
	__u64 samples;
};

static long take(struct bpf_dynptr *sample, struct seen *seen)
{
	seen->samples++;
	seen[2].samples++; /* behind the one that was given */
	return 0;
}

SEC("tc")
int handed_ring(struct __sk_buff *skb)
{
	struct seen seen = {};

	bpf_user_ringbuf_drain(&commands, take, &seen, 0);
	return seen.samples > 1;
}
