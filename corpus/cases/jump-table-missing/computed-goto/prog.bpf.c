#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int dispatch(struct __sk_buff *skb)
{
	asm volatile("r0 = 0"); /* expect: jump-table-missing */
	asm volatile("r1 = 4");
	asm volatile(".8byte 0x10d"); /* gotox r1 */ /* cause: a jump without a table */
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
