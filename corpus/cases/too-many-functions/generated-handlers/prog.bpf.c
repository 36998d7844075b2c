#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define HANDLER(n)                                                           \
	static __attribute__((noinline)) int handle_##n(struct __sk_buff *skb) \
	{                                                                    \
		return skb->mark + 1##n;                                     \
	}
#define FOUR(do, n) do(n##0) do(n##1) do(n##2) do(n##3)
#define SIXTEEN(do, n) FOUR(do, n##0) FOUR(do, n##1) FOUR(do, n##2) FOUR(do, n##3)
#define SIXTYFOUR(do, n) SIXTEEN(do, n##0) SIXTEEN(do, n##1) SIXTEEN(do, n##2) SIXTEEN(do, n##3)
#define ALL(do) SIXTYFOUR(do, 0) SIXTYFOUR(do, 1) SIXTYFOUR(do, 2) SIXTYFOUR(do, 3)
#define CALL(n) sum += handle_##n(skb);

ALL(HANDLER)

SEC("tc")
int dispatch(struct __sk_buff *skb)
{
	int sum = 0;

	ALL(CALL) /* expect: too-many-functions */ /* cause: 256 functions */
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
