#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int is_sshd(struct __sk_buff *skb)
{
	char name[8] = "sshd";
	static const char wanted[] = "sshd";

	return bpf_strncmp(name, sizeof(name), wanted);
}

char LICENSE[] SEC("license") = "GPL";
