#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int dispatch(struct __sk_buff *skb) /* expect: jump-table-missing */
{
	asm volatile("r0 = 0\n\t"
		     "r1 = 4\n\t"
		     ".8byte 0x10d\n\t" /* gotox r1 */
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
