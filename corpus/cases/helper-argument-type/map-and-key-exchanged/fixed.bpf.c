#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define AF_INET 2

struct conn {
	__u32 saddr;
	__u32 daddr;
	__u16 sport;
	__u16 dport;
	__u32 pid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct conn);
} conns SEC(".maps");

SEC("kprobe/tcp_v4_connect_done")
int BPF_KPROBE(connected, struct sock *sk)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct conn conn = {};
	__u16 family;

	family = BPF_CORE_READ(sk, __sk_common.skc_family);
	if (family != AF_INET)
		return 0;
	conn.saddr = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	conn.daddr = BPF_CORE_READ(sk, __sk_common.skc_daddr);
	conn.dport = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	conn.sport = BPF_CORE_READ(sk, __sk_common.skc_num);
	conn.pid = id >> 32;
	bpf_get_current_comm(conn.comm, sizeof(conn.comm));
	bpf_map_update_elem(&conns, &id, &conn, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
