#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int clear(struct __sk_buff *skb)
{
	asm volatile("r2 = 0");
	asm volatile("*(u32 *)(r1 + 8) = r2");
	asm volatile("r0 = 0");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
