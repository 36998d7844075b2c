#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ROWS 512
#define COLUMNS 512
#define ARRAY(name, V, N) struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, N); __type(key, __u32); __type(value, V); } name SEC(".maps")

__u8 cells[ROWS];
char words[64][16];
char wanted[16];
__u32 limit;

SEC("tc")
int nested(struct __sk_buff *skb)
{
	__u32 i, j, pairs = 0;

	for (i = 0; i < ROWS; i++)
		for (j = 0; j < COLUMNS; j++)
			if (cells[i] == cells[j])
				pairs++;
	return pairs > 100;
}

SEC("tc")
int strings(struct __sk_buff *skb)
{
	__u32 i, j;

	for (i = 0; i < 64; i++) {
		for (j = 0; j < 16; j++) {
			char c = words[i][j];

			if (c != wanted[j])
				break;
			if (!c)
				return i;
		}
	}
	return 0;
}

SEC("tc")
int options(struct __sk_buff *skb)
{
	__u32 at = 34 + 20;
	__u8 option[2] = {};

	while (at < 34 + 60) {
		if (bpf_skb_load_bytes(skb, at, option, sizeof(option)))
			break;
		if (option[0] == 8)
			return 1;
		at += option[1];
	}
	return 0;
}

SEC("tc")
int forever(struct __sk_buff *skb)
{
	__u64 x = skb->len;

	while (x != 1)
		x = x & 1 ? 3 * x + 1 : x / 2;
	return 0;
}

SEC("tc")
int variable(struct __sk_buff *skb)
{
	__u32 i, sum = 0, n = skb->len;

	for (i = 0; i < n; i++) {
		__u8 c = 0;

		bpf_skb_load_bytes(skb, i, &c, 1);
		sum += c;
	}
	return sum & 1;
}

SEC("tc")
int straight(struct __sk_buff *skb)
{
	__u32 i;
	__u64 sum = 0;

	for (i = 0; i < 2000000; i++)
		sum += i ^ skb->mark;
	return sum & 1;
}

static __noinline int step(struct __sk_buff *skb, __u32 i)
{
	__u8 c = 0;

	bpf_skb_load_bytes(skb, i, &c, 1);
	return c > 3 ? c : i & 7;
}

SEC("tc")
int through_function(struct __sk_buff *skb)
{
	__u32 i, sum = 0;

	for (i = 0; i < 100000; i++)
		sum += step(skb, i);
	return sum & 1;
}
char LICENSE[] SEC("license") = "GPL";
