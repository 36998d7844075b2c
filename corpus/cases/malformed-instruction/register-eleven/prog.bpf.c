#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int copy(struct __sk_buff *skb)
{
	asm volatile(".8byte 0xc0bf"); /* r0 = r12 */ /* expect: malformed-instruction */ /* cause: there is no register 12 */
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
