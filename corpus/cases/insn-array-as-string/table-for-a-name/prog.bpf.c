#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* What a compiler makes of a switch: a table of places in the section "tc", in bytes. */
asm(".pushsection .jumptables,\"\",@progbits\n"
    ".globl places\n"
    ".type places,@object\n"
    "places: .8byte 0\n"
    ".size places, 8\n"
    ".popsection");

SEC("tc")
int is_sshd(struct __sk_buff *skb)
{
	char name[8] = "sshd";
	const char *wanted;

	asm volatile("%0 = places ll" : "=r"(wanted));
	return bpf_strncmp(name, sizeof(name), wanted); /* expect: insn-array-as-string */ /* cause: a table of jumps */
}

char LICENSE[] SEC("license") = "GPL";
