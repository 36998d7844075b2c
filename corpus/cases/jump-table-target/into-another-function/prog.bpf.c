#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __noinline int other(void)
{
	return 1;
}

/* What a compiler makes of a switch: a table of places in the section "tc", in bytes. */
asm(".pushsection .jumptables,\"\",@progbits\n"
    ".globl places\n"
    ".type places,@object\n"
    "places: .8byte 48, 64\n" /* cause: 64 is past the end of dispatch, where libbpf puts other */
    ".size places, 16\n"
    ".popsection");

SEC("tc")
__attribute__((naked)) int dispatch(struct __sk_buff *skb)
{
	asm volatile("r2 = places ll");
	asm volatile("r1 = *(u64 *)(r2 + 8)");
	asm volatile("r0 = 0");
	asm volatile(".8byte 0x10d"); /* gotox r1 */ /* expect: jump-table-target */
	asm volatile("exit");
	asm volatile("call %0" :: "i"(other));
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
