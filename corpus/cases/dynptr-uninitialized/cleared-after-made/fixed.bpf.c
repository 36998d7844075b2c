#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

char buffer[64];
__u64 first;

SEC("tc")
int read_first(struct __sk_buff *skb)
{
	struct bpf_dynptr view;

	bpf_dynptr_from_mem(buffer, sizeof(buffer), 0, &view);
	bpf_dynptr_read(&first, sizeof(first), &view, 0, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
