#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct port {
	__u8 kind;
	__u32 number;
};

struct record {
	__u16 type;
	__u64 when;
	struct port in[6];
	char comm[16];
	__u64 sums[8];
};

#define HASH(name, K, V)                          \
	struct {                                  \
		__uint(type, BPF_MAP_TYPE_HASH);  \
		__uint(max_entries, 1);           \
		__type(key, K);                   \
		__type(value, V);                 \
	} name SEC(".maps")

typedef __u32 quad[4];
HASH(records, __u32, struct record);
HASH(ports, __u32, struct port);
HASH(wide, quad, __u32);

SEC("tc")
int large_record(struct __sk_buff *skb)
{
	struct record r;
	__u32 key = 1;

	r.type = 1;
	r.when = bpf_ktime_get_ns();
	r.in[0].kind = 3;
	r.in[0].number = skb->len;
	bpf_skb_load_bytes(skb, 0, r.comm, 8);
	r.sums[0] = 3;
	bpf_map_update_elem(&records, &key, &r, 0);
	return 0;
}

static __noinline int put(struct port *p, __u32 *key)
{
	return bpf_map_update_elem(&ports, key, p, 0);
}

SEC("tc")
int callers_padding(struct __sk_buff *skb)
{
	struct port p;
	__u32 key = 1;

	p.kind = skb->mark;
	p.number = 5;
	return put(&p, &key);
}

SEC("tc")
int array_key(struct __sk_buff *skb)
{
	__u32 key[4], v = 1;

	key[0] = skb->len;
	key[2] = skb->mark;
	bpf_map_update_elem(&wide, key, &v, 0);
	return 0;
}

SEC("tc")
int part_of_buffer(struct __sk_buff *skb)
{
	char line[200];
	__u32 v = 2;

	bpf_skb_load_bytes(skb, 0, line + 20, 100);
	bpf_map_update_elem(&wide, line + 112, &v, 0);
	bpf_trace_printk(line, 200);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
