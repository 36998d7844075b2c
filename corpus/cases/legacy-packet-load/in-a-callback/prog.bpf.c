#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

unsigned long long load_byte(void *ctx, unsigned long long offset) asm("llvm.bpf.load.byte");

struct state {
	struct __sk_buff *skb;
	__u64 sum;
};

static int add_byte(__u32 index, struct state *state)
{
	state->sum += load_byte(state->skb, index); /* expect: legacy-packet-load */ /* cause: not in a callback */
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
