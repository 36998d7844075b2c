#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int pick(struct __sk_buff *skb)
{
	asm goto("if %[len] == 0 goto %l[out]" :: [len]"r"(skb->len) :: out);
	return 1;
out:
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
