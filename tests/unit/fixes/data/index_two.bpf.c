#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __u8 grid[4][16];
__u64 row, column;

SEC("xdp")
int cell(struct xdp_md *ctx)
{
	__u64 y = row;

	grid[y][3] = 1;
	return grid[0][1];
}

char LICENSE[] SEC("license") = "GPL";
