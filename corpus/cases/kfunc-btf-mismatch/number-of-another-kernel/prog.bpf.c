#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* taken from the listing of an object that was loaded on another machine */
SEC("tc")
__attribute__((naked)) int filter(struct __sk_buff *skb)
{
	asm volatile("r1 = 1"); /* cause: a number of another kernel's function */
	asm volatile(".8byte 0x1e24000002085"); /* call kernel function 123456 */ /* expect: kfunc-btf-mismatch */
	asm volatile("r0 = 0");
	asm volatile("exit");
}
char LICENSE[] SEC("license") = "GPL";
