#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* As little of the kernel's structure as we need; libbpf finds the member's place in the guest's BTF. */
struct task_struct {
	int tgid;
} __attribute__((preserve_access_index));

extern int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_HZ __kconfig;

SEC("raw_tp/sched_switch")
int reads(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, tgid) + CONFIG_HZ + (LINUX_KERNEL_VERSION >> 16);
}

char LICENSE[] SEC("license") = "GPL";
