#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static const char name[16] = "unknown";

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	bpf_get_current_comm((void *)name, sizeof(name)); /* expect: map-read-only */ /* cause: may only be read */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
