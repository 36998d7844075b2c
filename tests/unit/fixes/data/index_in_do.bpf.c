#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char text[16];

SEC("xdp")
int index_in_do(struct xdp_md *ctx)
{
	__u32 i = 0;

	do {
		i++;
	} while (text[i] == 'a');
	return i;
}

char LICENSE[] SEC("license") = "GPL";
