#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup/sock_create")
int allow(struct bpf_sock *sk)
{
	return sk->family == 2 ? 2 : 1; /* expect: return-value-range */ /* cause: 2 */
}

char LICENSE[] SEC("license") = "GPL";
