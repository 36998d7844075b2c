#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ROWS 512
#define COLUMNS 512

__u8 cells[ROWS];

struct counter {
	__u32 row;
	__u32 pairs;
};

static long count_in_row(__u32 j, struct counter *counter)
{
	if (cells[counter->row & (ROWS - 1)] == cells[j & (COLUMNS - 1)])
		counter->pairs++;
	return 0;
}

static long count_row(__u32 i, struct counter *counter)
{
	counter->row = i;
	bpf_loop(COLUMNS, count_in_row, counter, 0);
	return 0;
}

SEC("tc")
int count_pairs(struct __sk_buff *skb)
{
	struct counter counter = {};

	bpf_loop(ROWS, count_row, &counter, 0);
	return counter.pairs > 100;
}

char LICENSE[] SEC("license") = "GPL";
