/* Functions of .text in an order that is not the order of the calls. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct sum {
	__u64 total;
	__u32 rounds;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct sum);
} sums SEC(".maps");

static __noinline __u64 deepest(__u64 x)
{
	return x * 3 + bpf_ktime_get_ns();
}

static long add(__u32 index, struct sum *sum)
{
	__u32 key = index & 15;
	struct sum *stored = bpf_map_lookup_elem(&sums, &key);

	if (stored)
		sum->total += stored->total + deepest(index);
	sum->rounds++;
	return 0;
}

__attribute__((weak)) int last(__u64 x)
{
	volatile __u64 copy = x;

	return copy & 0xff;
}

__noinline int middle(__u64 x)
{
	return deepest(x) + last(x);
}

static __noinline __u64 outer(__u64 x)
{
	__u64 first = middle(x + 1);

	return first + deepest(first);
}

SEC("tc")
int forward(struct __sk_buff *skb)
{
	struct sum sum = {};

	bpf_loop(4, add, &sum, 0);
	sum.total += outer(skb->len);
	return sum.total > 100 ? last(sum.total) : sum.rounds;
}

SEC("socket")
int backward(struct __sk_buff *skb)
{
	struct sum *stored;
	__u32 key = last(skb->len);

	key += outer(key);
	bpf_map_update_elem(&sums, &key, &(struct sum){ .total = key }, 0);
	stored = bpf_map_lookup_elem(&sums, &key);
	return stored->total;
}

char LICENSE[] SEC("license") = "GPL";
