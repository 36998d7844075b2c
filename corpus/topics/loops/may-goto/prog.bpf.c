#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* can_loop of bpf_experimental.h, for compilers of before clang 19 */
#define CAN_LOOP()                                                             \
	({                                                                     \
		__label__ out, on;                                             \
		int more = 1;                                                  \
		asm volatile goto("1: .byte 0xe5; .byte 0;"                    \
				  ".long ((%l[out] - 1b - 8) / 8) & 0xffff;"   \
				  ".short 0"                                   \
				  :::: out);                                   \
		goto on;                                                       \
	out:                                                                   \
		more = 0;                                                      \
	on:                                                                    \
		more;                                                          \
	})

SEC("socket")
int total(struct __sk_buff *skb)
{
	__u32 sum = 0, i = 0;

	while (i < skb->len && CAN_LOOP())
		sum += i++;
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
