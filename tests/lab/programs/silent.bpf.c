/* Programs that a guest attaches, and what they count: test_silent_cases.py. Each hook that is there is reached. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define HERE (-100) /* AT_FDCWD: what open() hands to openat() */

char LICENSE[] SEC("license") = "GPL";

const volatile __u32 target_pid = 1; /* the guest's first process */

#include "hits.h"

#define COUNTS(section, name) \
	SEC(section)          \
	int name(void *ctx)   \
	{                     \
		return hit(); \
	}

COUNTS("kprobe/vfs_write", function)
COUNTS("kprobe/vfs_wriet", misspelt)
COUNTS("kprobe/__do_sys_openat", inlined)
COUNTS("kprobe/do_sigaltstack.constprop.0", as_compiled)
COUNTS("kprobe/do_sigaltstack", compiled_otherwise)
COUNTS("kprobe/c_start", namesake)
COUNTS("kprobe/show_console_dev", beside_namesake)
COUNTS("kprobe/native_sched_clock_from_tsc", not_traced)
COUNTS("kprobe/asm_exc_page_fault", blacklisted)
COUNTS("kprobe/btrfs_file_write_iter", in_module)
COUNTS("kprobe/__x64_sys_openat", call_by_wrapper)
COUNTS("kprobe/sys_openat", call_by_name)
COUNTS("kprobe/__x64_sys_nanosleep", call_seldom)
COUNTS("kprobe/__arm64_sys_openat", call_of_arm64)
COUNTS("ksyscall/openat", call_by_libbpf)
COUNTS("ksyscall/opnat", call_misspelt)
COUNTS("kretprobe/vfs_write", returns)
COUNTS("kretprobe/do_nanosleep", returns_late)
COUNTS("kretprobe/vfs_wriet", returns_misspelt)
COUNTS("kprobe.multi/vfs_w*", several)
COUNTS("kprobe.multi/vfs_q*", several_no_match)
COUNTS("fentry/vfs_write", enters)
COUNTS("fentry/vfs_wriet", enters_misspelt)
COUNTS("fentry/do_sigaltstack", enters_renamed)
COUNTS("fentry/native_sched_clock_from_tsc", enters_not_traced)
COUNTS("fexit/vfs_write", leaves)
COUNTS("tp/sched/sched_process_fork", event)
COUNTS("tp/sched/sched_proces_fork", event_misspelt)
COUNTS("tp/sched/sched_stat_sleep", event_switched_off)
COUNTS("tp/preemptirq/irq_disable", event_option)
COUNTS("tp/btrfs/btrfs_sync_file", event_in_module)
COUNTS("raw_tp/sched_process_fork", raw)
COUNTS("raw_tp/sched_proces_fork", raw_misspelt)
COUNTS("tp_btf/sched_process_fork", typed)
COUNTS("tp_btf/sched_proces_fork", typed_misspelt)
COUNTS("lsm/file_open", lsm)
COUNTS("lsm/file_opened", lsm_misspelt)

SEC("kprobe/vfs_write")
int BPF_KPROBE(argument, void *file, const char *text, unsigned long size)
{
	return size == 1 ? hit() : 0;
}

SEC("kretprobe/vfs_write")
int BPF_KRETPROBE(result, long written)
{
	return written == 1 ? hit() : 0;
}

SEC("kretprobe/vfs_write")
int BPF_KPROBE(result_as_argument, long written)
{
	return written == 1 ? hit() : 0;
}

SEC("kprobe/__x64_sys_openat")
int BPF_KPROBE(call_argument, struct pt_regs *regs)
{
	long folder = 0;

	bpf_probe_read_kernel(&folder, sizeof(folder), &PT_REGS_PARM1(regs));
	return (int)folder == HERE ? hit() : 0;
}

SEC("kprobe/__x64_sys_openat")
int BPF_KPROBE(call_argument_direct, int folder)
{
	return folder == HERE ? hit() : 0;
}

SEC("fentry/vfs_write")
int BPF_PROG(typed_argument, void *file, const char *text, unsigned long size)
{
	return size == 1 ? hit() : 0;
}

SEC("kprobe/do_sys_openat2")
int BPF_KPROBE(call_inside, int folder)
{
	return folder == HERE ? hit() : 0;
}

SEC("kprobe/do_sys_openat2")
int BPF_PROG(argument_as_typed, int folder)
{
	return folder == HERE ? hit() : 0;
}

SEC("kprobe/vfs_write")
int both_halves(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	return id == target_pid ? hit() : 0;
}

SEC("kprobe.multi/vfs_w*")
int several_both_halves(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	return id == target_pid ? hit() : 0;
}

SEC("fentry/vfs_write")
int enters_both_halves(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	return id == target_pid ? hit() : 0;
}

SEC("fexit/vfs_write")
int leaves_both_halves(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	return id == target_pid ? hit() : 0;
}

SEC("lsm/file_open")
int lsm_both_halves(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	return id == target_pid ? hit() : 0;
}
