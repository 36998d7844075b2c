#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

__attribute__((noinline)) int word_at(__u64 address)
{
	int word = 0;

	bpf_copy_from_user(&word, sizeof(word), (void *)address);
	return word;
}

SEC("syscall")
int look(__u64 *ctx)
{
	int word;

	bpf_rcu_read_lock();
	word = word_at(*ctx); /* expect: sleepable-global-function */ /* cause: may sleep, inside an RCU section */
	bpf_rcu_read_unlock();
	return word;
}

char LICENSE[] SEC("license") = "GPL";
