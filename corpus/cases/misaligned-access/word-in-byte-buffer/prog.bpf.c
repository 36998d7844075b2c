#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} messages SEC(".maps");

static __noinline void put_time(__u64 *where)
{
	*where = bpf_ktime_get_ns(); /* expect: misaligned-access */ /* cause: at an odd address */
}

SEC("tracepoint/syscalls/sys_enter_execve")
int on_exec(void *ctx)
{
	char message[16] = {};

	message[0] = 1; /* version */
	put_time((__u64 *)&message[1]);
	bpf_ringbuf_output(&messages, message, sizeof(message), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
