#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int leave(struct __sk_buff *skb) /* expect: object-unreadable */
{
	asm volatile("r0 = 0");
	asm volatile("exit");
	asm volatile(".4byte 0"); /* cause: instructions have eight bytes */
}

char LICENSE[] SEC("license") = "GPL";
