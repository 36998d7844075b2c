#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

void *bpf_obj_new_impl(__u64 type_id, void *meta) __ksym;
void bpf_obj_drop_impl(void *object, void *meta) __ksym;

struct flow {
	__u64 bytes;
	struct bpf_list_node node;
};

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct flow *flow = bpf_obj_new_impl(bpf_core_type_id_local(struct flow), NULL);

	if (!flow)
		return 0;
	flow->bytes = skb->len;
	if (flow->bytes < 64) {
		bpf_obj_drop_impl(flow, NULL);
		return 0;
	}
	bpf_obj_drop_impl(flow, NULL);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
