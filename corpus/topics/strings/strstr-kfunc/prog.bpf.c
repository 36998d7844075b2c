#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int bpf_strstr(const char *text, const char *part) __attribute__((section(".ksyms")));

SEC("kprobe/do_nanosleep")
int entry(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	return bpf_strstr(comm, "gin") >= 0;
}

char LICENSE[] SEC("license") = "GPL";
