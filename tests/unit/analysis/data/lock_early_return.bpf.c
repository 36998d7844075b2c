#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct account {
	struct bpf_spin_lock lock;
	__u64 balance;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct account);
} accounts SEC(".maps");

SEC("tc")
int withdraw(struct __sk_buff *skb)
{
	__u32 key = 0, amount = skb->len;
	struct account *account = bpf_map_lookup_elem(&accounts, &key);

	if (!account)
		return 0;
	bpf_spin_lock(&account->lock);
	if (account->balance < amount) /* cause: the way out without unlocking */
		return 2;
	account->balance -= amount;
	bpf_spin_unlock(&account->lock);
	return 0;
} /* expect: lock-still-held */

char LICENSE[] SEC("license") = "GPL";
