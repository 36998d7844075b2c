/* Programs that a guest attaches, and what they count: test_silent_cases.py. Each hook that is there is reached. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

static __always_inline int hit(void)
{
	__u32 key = 0;
	__u64 *count = bpf_map_lookup_elem(&hits, &key);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

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
