#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct irq_info {
	int irq;
} __attribute__((preserve_access_index));

SEC("kprobe/xen_irq_lateeoi")
int on_irq(void *ctx)
{
	struct irq_info *info = *(struct irq_info **)ctx;
	int irq = 0;

	bpf_probe_read_kernel(&irq, sizeof(irq), &info->irq); /* expect: core-relocation-ambiguous */ /* cause: two drivers have a struct irq_info, and irq is elsewhere in each */
	bpf_printk("%d", irq);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
