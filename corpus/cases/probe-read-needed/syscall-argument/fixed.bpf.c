#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct sys_enter {
	unsigned long long common;
	long id;
	unsigned long args[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} first_letters SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_unlinkat")
int on_unlink(struct sys_enter *ctx)
{
	const char *name = (const char *)ctx->args[1];
	char value = 0;

	bpf_probe_read_user(&value, sizeof(value), &name[0]);
	__u32 letter = (__u8)value;
	__u64 *count = bpf_map_lookup_elem(&first_letters, &letter);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
