#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	struct bpf_dynptr record;
	char mac[8];

	bpf_ringbuf_reserve_dynptr(&events, 16, 0, &record);
	bpf_skb_load_bytes(skb, 0, mac, 14); /* expect: dynptr-overwritten */ /* cause: 14 bytes into a buffer of 8 */
	bpf_dynptr_write(&record, 0, mac, sizeof(mac), 0);
	bpf_ringbuf_submit_dynptr(&record, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
