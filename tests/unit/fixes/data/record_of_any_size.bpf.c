#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MOST 256

struct record {
	__u32 size;
	char text[];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_write")
int on_write(__u64 *ctx)
{
	__u64 size = ctx[4];
	struct record *record;

	if (size > MOST)
		return 0;
	record = bpf_ringbuf_reserve(&records, sizeof(*record) + size, 0);
	if (!record)
		return 0;
	record->size = size;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
