/* Programs that load on new kernels, each beside the same one without what a lint tells of. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

typedef __u32 u32;
typedef __u64 u64;

struct event {
	u64 time;
	u32 pid; /* 4 bytes of padding follow */
};

struct flow {
	__u16 port; /* 2 bytes of padding follow */
	u32 address;
};

struct sys_enter {
	u64 head;
	u64 number;
	u64 args[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, struct flow);
	__type(value, u64);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, u32);
	__type(value, u64);
} counts SEC(".maps");

const volatile _Bool debug = 0;
char LICENSE[] SEC("license") = "GPL";

SEC("raw_tp/sched_switch")
int sent_bad(void *ctx)
{
	struct event e;

	e.time = bpf_ktime_get_ns();
	e.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &e, sizeof(e));
	return 0;
}

SEC("raw_tp/sched_switch")
int sent_good(void *ctx)
{
	struct event e = {};

	e.time = bpf_ktime_get_ns();
	e.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &e, sizeof(e));
	return 0;
}

SEC("raw_tp/sched_switch")
int forgot_bad(void *ctx)
{
	char line[16];

	line[0] = bpf_get_smp_processor_id();
	line[1] = 0;
	bpf_ringbuf_output(&ring, line, sizeof(line), 0);
	return 0;
}

/* What a helper fills is set, and so is what one of two branches sets. */
SEC("raw_tp/sched_switch")
int forgot_good(void *ctx)
{
	char line[16];

	if (bpf_get_smp_processor_id())
		bpf_get_current_comm(line, sizeof(line));
	else
		__builtin_memset(line, 0, sizeof(line));
	bpf_ringbuf_output(&ring, line, sizeof(line), 0);
	return 0;
}

static __noinline int fill(char *line)
{
	return bpf_get_current_comm(line, 16);
}

/* What another function may set is not told of. */
SEC("raw_tp/sched_switch")
int called_good(void *ctx)
{
	char line[16];

	if (fill(line))
		return 0;
	bpf_ringbuf_output(&ring, line, sizeof(line), 0);
	return 0;
}

SEC("raw_tp/sched_switch")
int key_bad(void *ctx)
{
	u64 one = 1, *count;
	struct flow key;

	key.port = bpf_get_smp_processor_id();
	key.address = bpf_ktime_get_ns();
	count = bpf_map_lookup_elem(&flows, &key);
	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&flows, &key, &one, BPF_ANY);
	return 0;
}

SEC("raw_tp/sched_switch")
int key_good(void *ctx)
{
	u64 one = 1, *count;
	struct flow key = {};

	key.port = bpf_get_smp_processor_id();
	key.address = bpf_ktime_get_ns();
	count = bpf_map_lookup_elem(&flows, &key);
	if (count)
		*count += 1;
	else
		bpf_map_update_elem(&flows, &key, &one, BPF_ANY);
	return 0;
}

SEC("raw_tp/sched_switch")
int constant_bad(void *ctx)
{
	u32 zero = 0;
	u64 *count = bpf_map_lookup_elem(&counts, &zero);

	*count += 1;
	return 0;
}

SEC("raw_tp/sched_switch")
int constant_good(void *ctx)
{
	u32 zero = 0;
	u64 *count = bpf_map_lookup_elem(&counts, &zero);

	if (!count)
		return 0;
	*count += 1;
	return 0;
}

SEC("tp/syscalls/sys_enter_openat")
int user_bad(struct sys_enter *ctx)
{
	char name[16];

	if (bpf_probe_read_kernel_str(name, sizeof(name), (void *)ctx->args[1]) < 0)
		return 0;
	bpf_ringbuf_output(&ring, name, sizeof(name), 0);
	return 0;
}

SEC("tp/syscalls/sys_enter_openat")
int user_good(struct sys_enter *ctx)
{
	char name[16];

	if (bpf_probe_read_user_str(name, sizeof(name), (void *)ctx->args[1]) < 0)
		return 0;
	bpf_ringbuf_output(&ring, name, sizeof(name), 0);
	return 0;
}

SEC("uprobe//bin/true:main")
int register_bad(struct pt_regs *ctx)
{
	u64 word;

	if (bpf_probe_read_kernel(&word, sizeof(word), (void *)PT_REGS_PARM1(ctx)))
		return 0;
	return word == 1;
}

SEC("uprobe//bin/true:main")
int register_good(struct pt_regs *ctx)
{
	u64 word;

	if (bpf_probe_read_user(&word, sizeof(word), (void *)PT_REGS_PARM1(ctx)))
		return 0;
	return word == 1;
}

/* The kernel's function of a system call gets the caller's registers, which are the kernel's memory. */
SEC("kprobe/__x64_sys_openat")
int wrapper_bad(struct pt_regs *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)PT_REGS_PARM1(ctx);
	u64 name, word;

	if (bpf_probe_read_kernel(&name, sizeof(name), &PT_REGS_PARM2(regs)))
		return 0;
	if (bpf_probe_read_kernel(&word, sizeof(word), (void *)name))
		return 0;
	return word == 1;
}

SEC("kprobe/__x64_sys_openat")
int wrapper_good(struct pt_regs *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)PT_REGS_PARM1(ctx);
	u64 name, word;

	if (bpf_probe_read_kernel(&name, sizeof(name), &PT_REGS_PARM2(regs)))
		return 0;
	if (bpf_probe_read_user(&word, sizeof(word), (void *)name))
		return 0;
	return word == 1;
}

struct file {
	u64 f_pos;
	u64 f_flags;
} __attribute__((preserve_access_index));

struct sockaddr {
	__u16 sa_family;
	char sa_data[14];
} __attribute__((preserve_access_index));

SEC("kprobe/vfs_read")
int member_bad(struct pt_regs *ctx)
{
	struct file *file = (struct file *)PT_REGS_PARM1(ctx);
	u64 word;

	if (bpf_probe_read_user(&word, sizeof(word), &file->f_flags))
		return 0;
	return word == 1;
}

/* What system calls take may be user space's, by whatever way its members are found. */
SEC("kprobe/__sys_connect")
int member_good(struct pt_regs *ctx)
{
	struct sockaddr *address = (struct sockaddr *)PT_REGS_PARM2(ctx);
	u64 word;

	if (bpf_probe_read_user(&word, sizeof(word), &address->sa_data))
		return 0;
	return word == 1;
}

struct inode {
	u64 before;
	u64 i_ino;
};

SEC("kprobe/iput")
int copy_bad(struct pt_regs *ctx)
{
	struct inode *inode = (struct inode *)PT_REGS_PARM1(ctx);
	u64 number;

	if (bpf_probe_read_kernel(&number, sizeof(number), &inode->i_ino))
		return 0;
	return number == 1;
}

/* A user program's own structure, whatever the kernel calls like it. */
struct request {
	u64 before;
	u64 length;
};

SEC("uprobe//bin/true:main")
int request_either(struct pt_regs *ctx)
{
	struct request *request = (struct request *)PT_REGS_PARM1(ctx);
	u64 number;

	if (bpf_probe_read(&number, sizeof(number), &request->length))
		return 0;
	return number == 1;
}

SEC("kprobe/iput")
int copy_good(struct pt_regs *ctx)
{
	struct file *file = (struct file *)PT_REGS_PARM1(ctx);
	u64 flags;

	if (bpf_probe_read_kernel(&flags, sizeof(flags), &file->f_flags))
		return 0;
	return flags == 1;
}

SEC("raw_tp/sched_switch")
int task_bad(void *ctx)
{
	u64 word;

	if (bpf_probe_read_user(&word, sizeof(word), (void *)bpf_get_current_task()))
		return 0;
	return word == 1;
}

SEC("raw_tp/sched_switch")
int task_good(void *ctx)
{
	u64 word;

	if (bpf_probe_read_kernel(&word, sizeof(word), (void *)bpf_get_current_task()))
		return 0;
	return word == 1;
}

SEC("raw_tp/sched_switch")
int either_bad(void *ctx)
{
	u64 word;

	if (bpf_probe_read(&word, sizeof(word), (void *)bpf_ktime_get_ns()))
		return 0;
	return word == 1;
}

SEC("raw_tp/sched_switch")
int either_good(void *ctx)
{
	u64 word;

	if (bpf_probe_read_kernel(&word, sizeof(word), (void *)bpf_ktime_get_ns()))
		return 0;
	return word == 1;
}

SEC("raw_tp/sched_switch")
int unchecked_bad(void *ctx)
{
	u64 word;

	bpf_probe_read_kernel(&word, sizeof(word), (void *)bpf_ktime_get_ns());
	return word == 1;
}

/* One test for two calls. */
SEC("raw_tp/sched_switch")
int unchecked_good(void *ctx)
{
	u64 word, at = bpf_ktime_get_ns();
	long failed;

	if (bpf_get_smp_processor_id())
		failed = bpf_probe_read_kernel(&word, sizeof(word), (void *)at);
	else
		failed = bpf_probe_read_user(&word, sizeof(word), (void *)at);
	if (failed)
		return 0;
	return word == 1;
}

/* Its own memory can always be read. */
SEC("raw_tp/sched_switch")
int unchecked_own_good(void *ctx)
{
	u32 zero = 0;
	u64 *count = bpf_map_lookup_elem(&counts, &zero), word;

	if (!count)
		return 0;
	bpf_probe_read_kernel(&word, sizeof(word), count);
	return word == 1;
}

SEC("raw_tp/sched_switch")
int printk_bad(void *ctx)
{
	bpf_printk("here");
	return 0;
}

SEC("raw_tp/sched_switch")
int printk_good(void *ctx)
{
	if (debug)
		bpf_printk("here");
	return 0;
}

SEC("raw_tp/sched_switch")
int stack_bad(void *ctx)
{
	char lines[416] = {};

	bpf_get_current_comm(lines, 16);
	bpf_ringbuf_output(&ring, lines, sizeof(lines), 0);
	return 0;
}

SEC("raw_tp/sched_switch")
int stack_good(void *ctx)
{
	char lines[320] = {};

	bpf_get_current_comm(lines, 16);
	bpf_ringbuf_output(&ring, lines, sizeof(lines), 0);
	return 0;
}

SEC("kprobe/vfs_read")
int regs_bad(struct pt_regs *ctx)
{
	return ctx->rdi == 1;
}

SEC("kprobe/vfs_read")
int regs_good(struct pt_regs *ctx)
{
	return PT_REGS_PARM1(ctx) == 1;
}
