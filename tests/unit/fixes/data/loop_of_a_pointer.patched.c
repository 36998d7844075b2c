#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char line[64];

SEC("xdp")
int blanks(struct xdp_md *ctx)
{
	int n = 0;

	for (char *at = line; *at; at++) /* no patch: the compiler compares pointers */
		n += *at == ' ';
	return n;
}

char LICENSE[] SEC("license") = "GPL";
