#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("sockops")
int watch(struct bpf_sock_ops *ops)
{
	__u32 last;

	if (ops->family == 10) {
		last = ops->remote_ip6[3];
		barrier();
	} else {
		last = ops->remote_ip4;
	}
	return last != 0;
}

char LICENSE[] SEC("license") = "GPL";
