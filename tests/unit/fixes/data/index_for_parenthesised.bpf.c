#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char text[16];

SEC("xdp")
int length(struct xdp_md *ctx)
{
	int i;

	for (i = 0; (text[i] == 'a') || (text[i] == 'b'); i++)
		;
	return i;
}

char LICENSE[] SEC("license") = "GPL";
