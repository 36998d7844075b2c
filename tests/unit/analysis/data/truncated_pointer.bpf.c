/* A cast to 32 bits and back makes a number of the pointer. */
#define SIZE 64
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[SIZE]);
} buffers SEC(".maps");

SEC("tc")
int first(struct __sk_buff *skb)
{
	__u32 key = 0;
	char *buffer = bpf_map_lookup_elem(&buffers, &key);

	if (!buffer)
		return 0;
	asm volatile("r1 = %0;"
		     "w1 = w1;"
		     "%0 = r1;"
		     : "+r"(buffer)
		     :
		     : "r1");
	return buffer[0];
}

char LICENSE[] SEC("license") = "GPL";
