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

__u8 table[512];

/* Each round can leave its loop, so what follows is walked once for each of them. */
SEC("tc")
int in_a_row(struct __sk_buff *skb)
{
	__u32 a, b, c;

	for (a = 0; a < 253; a++)
		if (table[a] == 1)
			break;
	for (b = 0; b < 253; b++)
		if (table[b] == 2)
			break;
	for (c = 0; c < 253; c++)
		if (table[c] == 3)
			break;
	return table[a] + table[b] + table[c];
}

static __noinline __u64 row(__u64 x)
{
	__u64 sum = 0;
	__u32 j;

	for (j = 0; j < 253; j++)
		sum += table[j] ^ x;
	return sum;
}

SEC("tc")
int around_a_call(struct __sk_buff *skb)
{
	__u64 sum = 0;
	__u32 i;

	for (i = 0; i < 2000; i++)
		sum += row(sum);
	return sum & 1;
}

SEC("tc")
int in_an_unknown_number(struct __sk_buff *skb)
{
	__u32 h, i, n = skb->len;
	__u64 sum = 0;

	for (h = 0; h < n; h++)
		for (i = 0; i < 253; i++)
			sum += table[i] ^ h;
	return sum & 1;
}

SEC("tc")
int thirds(struct __sk_buff *skb)
{
	__u32 i, j;

	for (i = 1000; i > 0; i--)
#pragma clang loop unroll_count(3)
		for (j = 0; j < 999; j++)
			if (table[j & 255] > table[(j + 1) & 255]) {
				__u8 held = table[j & 255];

				table[j & 255] = table[(j + 1) & 255];
				table[(j + 1) & 255] = held;
			}
	return 0;
}

SEC("tc")
int again(struct __sk_buff *skb)
{
	__u32 at = 0;
	__u8 byte;

next:
	if (bpf_skb_load_bytes(skb, at, &byte, 1) < 0)
		goto out;
	if (byte == 0x7e)
		goto out;
	at += 1 + (byte & 3);
	table[0]++;
	goto next;
out:
	return at;
}

SEC("tc")
int climbs(struct __sk_buff *skb)
{
	__u64 *up = (__u64 *)table, *next = 0;
	__u32 i = 0;

	bpf_probe_read_kernel(&next, sizeof(next), up);
	for (;;) {
		bpf_probe_read_kernel(&next, sizeof(next), up);
		if (next == up)
			break;
		up = next;
		i++;
	}
	return i;
}
