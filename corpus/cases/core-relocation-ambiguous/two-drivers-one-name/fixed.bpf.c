#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct irq_info {
	int irq;
	unsigned short evtchn; /* only Xen's has it */
} __attribute__((preserve_access_index));

SEC("kprobe/xen_irq_lateeoi")
int on_irq(void *ctx)
{
	struct irq_info *info = *(struct irq_info **)ctx;
	int irq = 0;

	if (bpf_core_field_exists(info->evtchn))
		bpf_probe_read_kernel(&irq, sizeof(irq), &info->irq);
	bpf_printk("%d", irq);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
