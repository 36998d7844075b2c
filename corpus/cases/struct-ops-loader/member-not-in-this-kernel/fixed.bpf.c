#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

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
struct tcp_congestion_ops ours = {
	.ssthresh = (void *)ten,
	.cong_avoid = (void *)nothing,
	.undo_cwnd = (void *)ten,
	.name = "ours",
};

char LICENSE[] SEC("license") = "GPL";
