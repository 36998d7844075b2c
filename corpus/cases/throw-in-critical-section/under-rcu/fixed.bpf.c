#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;
extern void bpf_throw(__u64 cookie) __ksym;

SEC("tc")
int check(struct __sk_buff *skb)
{
	bpf_rcu_read_lock();
	if (skb->len > 1500) {
		bpf_rcu_read_unlock();
		bpf_throw(1);
	}
	bpf_rcu_read_unlock();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
