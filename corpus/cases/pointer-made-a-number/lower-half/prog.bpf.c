#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int length(void)
{
	asm volatile("w2 = w1"); /* cause: cuts the pointer to 32 bits */
	asm volatile("r0 = *(u32 *)(r2 + 0)"); /* expect: pointer-made-a-number */
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
