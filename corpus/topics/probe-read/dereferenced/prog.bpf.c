#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct point { int x, y; };

SEC("kprobe/do_nanosleep")
int entry(unsigned long *registers)
{
	struct point *at = (struct point *)registers[14];

	return at->y;
}

char LICENSE[] SEC("license") = "GPL";
