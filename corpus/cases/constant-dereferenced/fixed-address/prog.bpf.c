#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define STATUS ((volatile __u32 *)0xfed00000)

SEC("kprobe/do_nanosleep")
int status(void *ctx)
{
	return *STATUS & 1; /* expect: constant-dereferenced */ /* cause: an address written in the program */
}

char LICENSE[] SEC("license") = "GPL";
