#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static const char wanted[] = "nginx";

SEC("kprobe/do_nanosleep")
int entry(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	for (int i = 0; i < sizeof(wanted); i++)
		if (comm[i] != wanted[i])
			return 0;
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
