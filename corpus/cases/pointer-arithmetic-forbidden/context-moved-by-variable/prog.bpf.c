#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int both(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;
	void *middle = data;

	asm volatile("%0 += %1" : "+r"(middle) : "r"(end)); /* expect: pointer-arithmetic-forbidden */ /* cause: two pointers added */
	return middle == 0;
}

char LICENSE[] SEC("license") = "GPL";
