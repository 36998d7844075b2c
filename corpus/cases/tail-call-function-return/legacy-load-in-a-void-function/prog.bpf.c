#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

unsigned long long load_byte(void *skb, unsigned long long offset) asm("llvm.bpf.load.byte");

__u64 sum;

static __attribute__((noinline)) void add_byte(struct __sk_buff *skb, int at) /* expect: tail-call-function-return */ /* cause: returns nothing */
{
	sum += load_byte(skb, at);
}

SEC("socket")
int filter(struct __sk_buff *skb)
{
	add_byte(skb, 12);
	add_byte(skb, 13);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
