#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp_btf/sched_switch")
__attribute__((naked)) int count(void *ctx)
{
	asm volatile(".8byte 0x100003118"); /* r1 = the variable with number 1 in the kernel's BTF */ /* expect: kernel-variable */ /* cause: a number of another kernel's variable */
	asm volatile(".8byte 0");
	asm volatile("r0 = 0");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
