#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int length(void)
{
	asm volatile("r2 = r1");
	asm volatile("r0 = *(u32 *)(r2 + 0)");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
