#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

/* the structure as it may be one day: this kernel's has no pacing_rate */
struct tcp_congestion_ops___newer {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	__u32 (*pacing_rate)(struct sock *sk);
	char name[16];
};

SEC("struct_ops/ten")
__u32 BPF_PROG(ten, struct sock *sk)
{
	return 10;
}

SEC("struct_ops/nothing")
void BPF_PROG(nothing, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC(".struct_ops")
struct tcp_congestion_ops___newer ours = {
	.ssthresh = (void *)ten,
	.cong_avoid = (void *)nothing,
	.undo_cwnd = (void *)ten,
	.pacing_rate = (void *)ten, /* expect: struct-ops-loader */ /* cause: no such member in this kernel */
	.name = "ours",
};

char LICENSE[] SEC("license") = "GPL";
