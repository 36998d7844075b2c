#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct text {
	char name[20];
};
struct text known;

SEC("xdp")
int letters(struct xdp_md *ctx)
{
	unsigned int i = 0;

	while (known.name[i] == 'a' || known.name[i] == 'b') i++;
	return i;
}

char LICENSE[] SEC("license") = "GPL";
