#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct pair {
	char small; /* seven bytes of padding follow */
	long large;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct pair);
	__type(value, long);
} pairs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__uint(pinning, LIBBPF_PIN_BY_NAME); /* the lab must not pin it */
	__type(key, int);
	__type(value, long);
} counts SEC(".maps");

SEC("kprobe/do_nanosleep")
int padding(void *ctx)
{
	struct pair key;

	key.small = 1;
	key.large = 2;
	return bpf_map_lookup_elem(&pairs, &key) != 0;
}

SEC("kprobe/do_nanosleep")
int unchecked(void *ctx)
{
	int key = 3;
	long *value = bpf_map_lookup_elem(&counts, &key);

	return *value;
}

SEC("xdp")
int fine(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("socket")
int filter(struct __sk_buff *skb)
{
	return skb->len;
}

char LICENSE[] SEC("license") = "GPL";
