/* Copies a buffer of user space in chunks. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define CHUNK 256
#define CHUNKS 8

struct chunk {
	__u32 size;
	char data[CHUNK];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct chunk);
} heap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

SEC("kprobe/ksys_write")
int BPF_KPROBE(on_write, unsigned int fd, const char *buf, unsigned long count)
{
	__u32 zero = 0, left = count, i;
	struct chunk *c = bpf_map_lookup_elem(&heap, &zero);

	if (!c)
		return 0;
	for (i = 0; i < CHUNKS; i++) {
		__u32 size = left < CHUNK ? left : CHUNK;

		if (!size)
			break;
		if (bpf_probe_read_user(c->data, size, buf + i * CHUNK))
			break;
		c->size = size;
		bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, c, 4 + size);
		left -= size;
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
