#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#define AF_INET 2

struct conn {
	u64 ts;
	u32 pid;
	char comm[16];
};

struct event {
	u64 delta;
	u32 saddr;
	u32 daddr;
	u16 dport;
	u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct sock *);
	__type(value, struct conn);
} started SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(u32));
	__uint(value_size, sizeof(u32));
} events SEC(".maps");

SEC("kprobe/tcp_v4_connect")
int BPF_KPROBE(enter_connect, struct sock *sk)
{
	struct conn c = {};

	c.ts = bpf_ktime_get_ns();
	c.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(&c.comm, sizeof(c.comm));
	bpf_map_update_elem(&started, &sk, &c, BPF_ANY);
	return 0;
}

SEC("kprobe/tcp_rcv_state_process")
int BPF_KPROBE(rcv_state, struct sock *sk)
{
	struct event ev = {};
	struct conn *c;

	if (BPF_CORE_READ(sk, __sk_common.skc_family) != AF_INET)
		return 0;
	c = bpf_map_lookup_elem(&started, &sk);
	if (!c)
		return 0;
	ev.delta = bpf_ktime_get_ns() - c->ts;
	ev.pid = c->pid;
	__builtin_memcpy(ev.comm, c->comm, sizeof(ev.comm));
	ev.saddr = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	ev.daddr = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	ev.dport = BPF_CORE_READ(sk, __sk_common.skc_dport);
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &ev, sizeof(ev));
	bpf_map_delete_elem(&started, &sk);
	return 0;
}

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(unlink, int dfd, struct filename *name)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	const char *filename;
	u32 ppid;
	char path[64] = {};

	ppid = BPF_CORE_READ(task, real_parent, tgid);
	filename = BPF_CORE_READ(name, name);
	bpf_probe_read_kernel_str(path, sizeof(path), filename);
	bpf_printk("%d %s", ppid, path);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
