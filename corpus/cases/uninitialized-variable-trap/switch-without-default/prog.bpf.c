#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

/* refused when a newer clang compiles it: clang 14 to 19 assume that the missing case never happens */
SEC("tc")
int classify(struct __sk_buff *skb)
{
	int class;

	switch (skb->protocol) { /* expect: uninitialized-variable-trap */ /* cause: no value for the other cases */
	case 8:
		class = 1;
		break;
	case 6:
		class = 2;
		break;
	}
	return class;
}

char LICENSE[] SEC("license") = "GPL";
