#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct port {
	__u8 kind;
	__u32 number;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, struct port);
} ports SEC(".maps");

static __noinline int put(struct port *p, __u32 *key)
{
	return bpf_map_update_elem(&ports, key, p, 0); /* expect: uninitialized-stack */ /* cause: three bytes of padding */
}

SEC("tc")
int remember_port(struct __sk_buff *skb)
{
	struct port p;
	__u32 key = 1;

	p.kind = skb->mark;
	p.number = 5;
	return put(&p, &key);
}

char LICENSE[] SEC("license") = "GPL";
