#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	char buf[32] __attribute__((aligned(8)));
	struct bpf_dynptr *ptr = (void *)(buf + 4);

	bpf_ringbuf_reserve_dynptr(&events, 8, 0, ptr); /* expect: stack-object-offset */ /* cause: not at a multiple of 8 */
	bpf_ringbuf_discard_dynptr(ptr, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
