#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct state {
	struct __sk_buff *skb;
	__u64 sum;
};

static int add_byte(__u32 index, struct state *state)
{
	__u8 byte = 0;

	bpf_skb_load_bytes(state->skb, index, &byte, 1);
	state->sum += byte;
	return 0;
}

SEC("tc")
int checksum(struct __sk_buff *skb)
{
	struct state state = { skb };

	bpf_loop(14, add_byte, &state, 0);
	return state.sum & 1;
}

char LICENSE[] SEC("license") = "GPL";
