#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Linux 6.1 has these for tests; 6.4 has no functions of their kind any more. */
struct prog_test_ref_kfunc {
	int a, b;
};

extern struct prog_test_ref_kfunc *bpf_kfunc_call_test_kptr_get(struct prog_test_ref_kfunc **p, int a, int b) __ksym;
extern void bpf_kfunc_call_test_release(struct prog_test_ref_kfunc *p) __ksym;

struct slot {
	__u64 number;
	struct prog_test_ref_kfunc __attribute__((btf_type_tag("kptr_ref"))) *object;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

SEC("tc")
int take(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct slot *slot = bpf_map_lookup_elem(&slots, &zero);
	struct prog_test_ref_kfunc *object;

	if (!slot)
		return 0;
	object = bpf_kfunc_call_test_kptr_get((void *)&slot->number, 0, 0); /* expect: kptr-get-argument */ /* cause: the number's address */
	if (object)
		bpf_kfunc_call_test_release(object);
	return 0;
}
char LICENSE[] SEC("license") = "GPL";
