#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern const unsigned long jiffies_count __ksym;

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	__u64 now = (__u64)&jiffies_count; /* expect: extern-unresolved */

	bpf_printk("%llu", now);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
