#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

extern bool CONFIG_BPF_SYSCALL __kconfig;

SEC("tc")
int has_it(struct __sk_buff *skb)
{
	return CONFIG_BPF_SYSCALL ? 0 : 2;
}

char LICENSE[] SEC("license") = "GPL";
