/* The sum of packet and offset is made twice; the check is about the other one. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int first(void)
{
	asm volatile("r2 = *(u32 *)(r1 + 76);"
		     "r3 = *(u32 *)(r1 + 80);"
		     "r1 = *(u32 *)(r1 + 0);"
		     "r1 &= 63;"
		     "r4 = r2;"
		     "r4 += r1;"
		     "r5 = r4;"
		     "r5 += 2;"
		     "r0 = 0;"
		     "if r5 > r3 goto 1f;"
		     "r2 += r1;"
		     "r0 = *(u16 *)(r2 + 0);"
		     "1: exit;" ::: "memory");
}

char LICENSE[] SEC("license") = "GPL";
