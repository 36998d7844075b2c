#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define NAME_LEN 64

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, char[16]);
	__type(value, __u64);
} names SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_execve")
int on_exec(void *ctx)
{
	char name[16] = {};
	__u64 one = 1;

	bpf_get_current_comm(name, sizeof(name));
	bpf_map_update_elem(&names, name, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
