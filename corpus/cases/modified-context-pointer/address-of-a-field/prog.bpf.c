#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Static, but not inline: gets the place of a field, not the field. */
static __attribute__((noinline)) int is_set(__u32 *field)
{
	return *field != 0; /* expect: modified-context-pointer */
}

SEC("tc")
int classify(struct __sk_buff *skb)
{
	return is_set(&skb->mark); /* cause: moves skb to the field */
}

char LICENSE[] SEC("license") = "GPL";
