#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ROWS 512
#define COLUMNS 512

__u8 cells[ROWS];

SEC("tc")
int count_pairs(struct __sk_buff *skb)
{
	__u32 i, j, pairs = 0;

	for (i = 0; i < ROWS; i++)
		for (j = 0; j < COLUMNS; j++) /* expect: program-too-large */ /* cause: 512 times 512 rounds */
			if (cells[i] == cells[j]) /* expect: program-too-large */
				pairs++;
	return pairs > 100;
}

char LICENSE[] SEC("license") = "GPL";
