#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct session {
	__u64 since;
};

static __attribute__((noinline)) int has_session(struct session *session)
{
	return session != 0;
}

SEC("tc")
int check(struct __sk_buff *skb)
{
	struct session session = {};

	return has_session(&session);
}

char LICENSE[] SEC("license") = "GPL";
