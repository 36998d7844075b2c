#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("struct_ops/forget_window")
void BPF_PROG(forget_window, struct sock *sk)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;

	tp->snd_una = 0; /* expect: struct-ops-member */ /* cause: may only be read */
}

SEC("struct_ops/fixed_ssthresh")
__u32 BPF_PROG(fixed_ssthresh, struct sock *sk)
{
	return 10;
}

SEC("struct_ops/same_window")
__u32 BPF_PROG(same_window, struct sock *sk)
{
	return ((struct tcp_sock *)sk)->snd_cwnd;
}

SEC(".struct_ops")
struct tcp_congestion_ops forgetful = {
	.init = (void *)forget_window,
	.ssthresh = (void *)fixed_ssthresh,
	.undo_cwnd = (void *)same_window,
	.name = "forgetful",
};

char LICENSE[] SEC("license") = "GPL";
