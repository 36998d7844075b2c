#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int CONFIG_BPF_SYSCALL __kconfig; /* expect: kernel-setting-extern */ /* cause: the setting is y, not a number */

SEC("tc")
int has_it(struct __sk_buff *skb)
{
	return CONFIG_BPF_SYSCALL ? 0 : 2;
}

char LICENSE[] SEC("license") = "GPL";
