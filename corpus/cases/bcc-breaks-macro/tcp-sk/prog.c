#include <uapi/linux/ptrace.h>
#include <linux/tcp.h>
#include <net/sock.h>

BPF_HISTOGRAM(round_trips);

int kprobe__tcp_rcv_established(struct pt_regs *ctx, struct sock *sk)
{
	struct tcp_sock *tcp = tcp_sk(sk); /* expect: bcc-breaks-macro */ /* cause: BCC takes the macro apart */

	round_trips.increment(bpf_log2l(tcp->srtt_us >> 3));
	return 0;
}
