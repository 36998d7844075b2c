#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define STATUS ((volatile __u32 *)0xfed00000)

SEC("kprobe/do_nanosleep")
int status(void *ctx)
{
	__u32 value = 0;

	bpf_probe_read_kernel(&value, sizeof(value), (const void *)STATUS);
	return value & 1;
}

char LICENSE[] SEC("license") = "GPL";
