/* The compiler gave the failed check's path NULL for the packet pointer, and lost the test for NULL. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int first(void)
{
	asm volatile("r7 = *(u32 *)(r1 + 76);"
		     "r8 = *(u32 *)(r1 + 80);"
		     "r1 = r7;"
		     "r1 += 33;"
		     "if r1 > r8 goto 1f;"
		     "goto 2f;"
		     "1: r7 = 0;"
		     "2: r0 = *(u8 *)(r7 + 32);"
		     "exit;" ::: "memory");
}

char LICENSE[] SEC("license") = "GPL";
