#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_nanosleep")
int entry(void *ctx)
{
	char into[16] = {};

	bpf_probe_read_user(into, sizeof(into), (void *)0xffffffff81000000);
	return into[0];
}

char LICENSE[] SEC("license") = "GPL";
