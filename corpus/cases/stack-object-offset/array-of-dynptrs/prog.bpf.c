#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} events SEC(".maps");

struct pair {
	struct bpf_dynptr ptr[2];
};

SEC("tc")
int report(struct __sk_buff *skb)
{
	struct pair pair;
	__u32 which = skb->len & 16;
	void *ptr = (void *)&pair + which;

	bpf_ringbuf_reserve_dynptr(&events, 8, 0, ptr); /* expect: stack-object-offset */ /* cause: at a place known at run time only */
	bpf_ringbuf_discard_dynptr(ptr, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
