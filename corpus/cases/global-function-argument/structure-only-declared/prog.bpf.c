#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct session; /* defined in another file */

__attribute__((noinline)) int has_session(struct session *session)
{
	return session != 0;
}

SEC("tc")
int check(struct __sk_buff *skb)
{
	__u64 session = 0;

	return has_session((struct session *)&session); /* expect: global-function-argument */ /* cause: its argument has no known size */
}

char LICENSE[] SEC("license") = "GPL";
