#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern const unsigned long jiffies __ksym;

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	__u64 now = (__u64)&jiffies;

	bpf_printk("%llu", now);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
