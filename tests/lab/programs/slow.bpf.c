#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* `sum` has another known value on every path and is compared at the end, so no two paths can be taken for one. */
#define ONE(bit)                                                                                               \
	coin = bpf_get_prandom_u32() & 1;                                                                      \
	asm volatile("if %[coin] == 0 goto +1; %[sum] += %[value]"                                             \
		     : [sum] "+r"(sum)                                                                         \
		     : [coin] "r"(coin), [value] "i"(1 << (bit)));
#define FOUR(bit) ONE(bit) ONE(bit + 1) ONE(bit + 2) ONE(bit + 3)

SEC("socket")
int slow(struct __sk_buff *skb)
{
	__u64 sum = 0, coin;

	FOUR(0) FOUR(4) FOUR(8) FOUR(12) FOUR(16) FOUR(20)
	return sum == 12345678;
}

SEC("socket")
int quick(struct __sk_buff *skb)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
