/* Programs that are attached and count nothing, each after one that counts: test_silent_cases.py. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ptrace.h>
#include <linux/tcp.h>
#include <linux/types.h>
#include <stdbool.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

#define HTTP 80
#define SERVER 7001 /* a server of this process, to which it connects */

char LICENSE[] SEC("license") = "GPL";

const volatile __u32 target_pid = 0; /* the process that makes the calls, from a thread of its own */
const volatile bool switched_on = false; /* nobody sets these */
const volatile long only_call = 0;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 128);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

static __always_inline int hit(__u32 program)
{
	__u64 *count = bpf_map_lookup_elem(&hits, &program);

	if (count)
		__sync_fetch_and_add(count, 1);
	return 0;
}

struct enter {
	__u64 common;
	long id;
	unsigned long args[6];
	long later[2]; /* behind the record */
};

struct exchanged {
	__u64 common;
	unsigned long args[6];
	long id;
};

struct task_struct { /* of no kernel */
	int pid;
	int tgid;
};

struct task_struct___marked {
	int tgid;
} __attribute__((preserve_access_index));


/* Tracepoints */
SEC("tp/raw_syscalls/sys_enter")
int tp_process(struct enter *ctx)
{
	__u32 process = bpf_get_current_pid_tgid() >> 32;

	return process == target_pid ? hit(0) : 0;
}

SEC("tp/raw_syscalls/sys_enter")
int tp_both_halves(struct enter *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	return id == target_pid ? hit(1) : 0;
}

SEC("tp/raw_syscalls/sys_enter")
int tp_thread(struct enter *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid();

	return pid == target_pid && ctx->id == 110 ? hit(2) : 0;
}

SEC("tp/raw_syscalls/sys_entry")
int tp_misspelt(struct enter *ctx)
{
	return hit(3);
}

SEC("tp/syscalls/raw_syscalls_enter")
int tp_category(struct enter *ctx)
{
	return hit(4);
}

SEC("tp/sched/sched_stat_sleep")
int tp_option(struct enter *ctx)
{
	return hit(5);
}

SEC("tp/raw_syscalls/sys_enter")
int tp_other_place(struct exchanged *ctx)
{
	return bpf_get_current_pid_tgid() >> 32 == target_pid && ctx->id == 110 ? hit(33) : 0;
}

SEC("tp/raw_syscalls/sys_enter")
int tp_past_the_record(struct enter *ctx)
{
	return ctx->later[1] != 1 ? hit(34) : 0;
}

SEC("tp/syscalls/sys_enter_open")
int tp_seldom(void *ctx)
{
	return bpf_get_current_pid_tgid() >> 32 == target_pid ? hit(66) : 0;
}

SEC("tp/syscalls/sys_enter_unlink")
int tp_often(void *ctx)
{
	return bpf_get_current_pid_tgid() >> 32 == target_pid ? hit(67) : 0;
}

/* System calls */
SEC("ksyscall/getppid")
int call_by_libbpf(void *ctx)
{
	return hit(61);
}

SEC("ksyscall/getpppid")
int call_misspelt(void *ctx)
{
	return hit(62);
}

/* Raw tracepoints, by name and by type */
SEC("raw_tp/sys_enter")
int raw_third_of_two(struct bpf_raw_tracepoint_args *ctx)
{
	return ctx->args[2] != 1 ? hit(36) : 0;
}

SEC("raw_tp/sys_enter")
int raw_copied(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	int tgid = 0;

	bpf_probe_read_kernel(&tgid, sizeof(tgid), &task->tgid);
	return tgid == bpf_get_current_pid_tgid() >> 32 ? hit(37) : 0;
}

SEC("raw_tp/sys_enter")
int raw_looked_up(void *ctx)
{
	struct task_struct___marked *task = (void *)bpf_get_current_task();
	int tgid = 0;

	bpf_probe_read_kernel(&tgid, sizeof(tgid), &task->tgid);
	return tgid == bpf_get_current_pid_tgid() >> 32 ? hit(38) : 0;
}

SEC("raw_tp/sys_enter")
int raw_process(struct bpf_raw_tracepoint_args *ctx)
{
	return bpf_get_current_pid_tgid() >> 32 == target_pid ? hit(6) : 0;
}

SEC("raw_tp/sys_enter")
int raw_both_halves(struct bpf_raw_tracepoint_args *ctx)
{
	return bpf_get_current_pid_tgid() == target_pid ? hit(7) : 0;
}

SEC("raw_tp/syscall_enter")
int raw_misspelt(void *ctx)
{
	return hit(8);
}

SEC("tp_btf/sys_enter")
int typed_process(__u64 *ctx)
{
	return bpf_get_current_pid_tgid() >> 32 == target_pid ? hit(9) : 0;
}

SEC("tp_btf/sys_enter")
int typed_both_halves(__u64 *ctx)
{
	return bpf_get_current_pid_tgid() != target_pid ? 0 : hit(10);
}

SEC("tp_btf/sys_entry")
int typed_misspelt(__u64 *ctx)
{
	return hit(39);
}

/* Iterators: each is read once */
SEC("iter/task")
int iter_tasks(void *ctx)
{
	return hit(40);
}

SEC("iter/task")
int iter_both_halves(void *ctx)
{
	return bpf_get_current_pid_tgid() == target_pid ? hit(63) : 0;
}

SEC("iter/tasks")
int iter_misspelt(void *ctx)
{
	return hit(41);
}

/* User space: PROGRAM calls work(0) to work(4), and fires the probe acme:step with 1000 to 1004 */
SEC("uprobe/" PROGRAM ":work")
int BPF_KPROBE(up_argument, int n)
{
	return n == 3 ? hit(11) : 0;
}

SEC("uprobe/" PROGRAM ":work")
int BPF_USDT(up_as_usdt, int n)
{
	return n == 3 ? hit(12) : 0;
}

SEC("uprobe/" PROGRAM ":work")
int BPF_PROG(up_as_typed, int n)
{
	return n == 3 ? hit(64) : 0;
}

SEC("uprobe/" PROGRAM ":at_guarded")
int up_guarded(void *ctx)
{
	return hit(65);
}

SEC("uprobe/" PROGRAM ":wrok")
int up_misspelt(void *ctx)
{
	return hit(13);
}

SEC("uprobe/" PROGRAM ".old:work")
int up_no_file(void *ctx)
{
	return hit(14);
}

SEC("uprobe/" PROGRAM ":fgets")
int up_imported(void *ctx)
{
	return hit(15);
}

SEC("uprobe/" SCRIPT ":work")
int up_script(void *ctx)
{
	return hit(16);
}

SEC("uprobe/" PROGRAM ".stripped:work")
int up_stripped(void *ctx)
{
	return hit(42);
}

SEC("uprobe/" PROGRAM ":work+4096")
int up_past(void *ctx)
{
	return hit(43);
}

SEC("uprobe/" PROGRAM ":twice")
int up_inlined(void *ctx)
{
	return hit(44);
}

SEC("uprobe/" PROGRAM ":chosen")
int up_chooser(void *ctx)
{
	return hit(45);
}

SEC("uprobe/" PROGRAM ":three")
int up_chosen(void *ctx)
{
	return hit(46);
}

SEC("uretprobe/" PROGRAM ":wrok")
int ret_misspelt(void *ctx)
{
	return hit(47);
}

SEC("uretprobe/" PROGRAM ":work")
int BPF_KRETPROBE(ret_result, int result)
{
	return result == 900 ? hit(17) : 0;
}

SEC("uretprobe/" PROGRAM ":work")
int BPF_KPROBE(ret_as_call, int result)
{
	return result == 900 ? hit(18) : 0;
}

SEC("usdt/" PROGRAM ":acme:step")
int BPF_USDT(usdt_argument, int n)
{
	return n == 1003 ? hit(19) : 0;
}

SEC("usdt/" PROGRAM ":acme:step")
int BPF_KPROBE(usdt_as_call, int n)
{
	return n == 1003 ? hit(20) : 0;
}

SEC("usdt/" PROGRAM ":acme:stop")
int usdt_misspelt(void *ctx)
{
	return hit(21);
}

SEC("usdt/" PROGRAM ":other:step")
int usdt_provider(void *ctx)
{
	return hit(22);
}

SEC("usdt/" PROGRAM ":acme:step")
int BPF_USDT(usdt_two_of_one, int n, int more)
{
	return more ? hit(48) : 0;
}

SEC("usdt/" PROGRAM ":acme:watched")
int usdt_watched(void *ctx)
{
	return hit(49);
}

SEC("usdt/" PROGRAM ".stripped.so:acme:step")
int usdt_no_file(void *ctx)
{
	return hit(50);
}

/* Packets: a datagram to port 80 of this machine */
static __always_inline struct ethhdr *frame(void *data, void *end)
{
	struct ethhdr *eth = data;

	return (void *)(eth + 1) > end ? 0 : eth;
}

SEC("xdp")
int xdp_order(struct xdp_md *ctx)
{
	struct ethhdr *eth = frame((void *)(long)ctx->data, (void *)(long)ctx->data_end);

	if (eth && eth->h_proto == bpf_htons(ETH_P_IP))
		hit(23);
	return XDP_PASS;
}

SEC("xdp")
int xdp_host_order(struct xdp_md *ctx)
{
	struct ethhdr *eth = frame((void *)(long)ctx->data, (void *)(long)ctx->data_end);

	if (eth && eth->h_proto == ETH_P_IP)
		hit(24);
	return XDP_PASS;
}

SEC("xdp")
int xdp_drops(struct xdp_md *ctx)
{
	hit(60);
	return XDP_DROP;
}

SEC("tc")
int tc_order(struct __sk_buff *skb)
{
	if (skb->protocol == bpf_htons(ETH_P_IP))
		hit(25);
	return -1; /* TC_ACT_UNSPEC */
}

SEC("tc")
int tc_host_order(struct __sk_buff *skb)
{
	if (skb->protocol == ETH_P_IP)
		hit(26);
	return -1;
}

SEC("cgroup/connect4")
int cgroup_order(struct bpf_sock_addr *ctx)
{
	if (ctx->user_port == bpf_htons(HTTP))
		hit(27);
	return 1;
}

SEC("cgroup/connect4")
int cgroup_host_order(struct bpf_sock_addr *ctx)
{
	if (ctx->user_port == HTTP)
		hit(28);
	return 1;
}

SEC("cgroup/connect4")
int cgroup_address(struct bpf_sock_addr *ctx)
{
	if (ctx->user_ip4 == bpf_htonl(0x7f000001))
		hit(29);
	return 1;
}

SEC("cgroup/connect4")
int cgroup_host_address(struct bpf_sock_addr *ctx)
{
	if (ctx->user_ip4 == 0x7f000001)
		hit(30);
	return 1;
}

SEC("cgroup_skb/egress")
int skb_order(struct __sk_buff *skb)
{
	if (skb->protocol == bpf_htons(ETH_P_IP))
		hit(51);
	return 1;
}

SEC("cgroup_skb/egress")
int skb_host_order(struct __sk_buff *skb)
{
	if (skb->protocol == ETH_P_IP)
		hit(52);
	return 1;
}

SEC("socket")
int sock_order(struct __sk_buff *skb)
{
	if (skb->protocol == bpf_htons(ETH_P_IP))
		hit(53);
	return 0;
}

SEC("socket")
int sock_host_order(struct __sk_buff *skb)
{
	if (skb->protocol == ETH_P_IP)
		hit(54);
	return 0;
}

SEC("sockops")
int ops_port(struct bpf_sock_ops *ctx)
{
	if (ctx->local_port == SERVER)
		hit(55);
	return 1;
}

SEC("sockops")
int ops_network_order(struct bpf_sock_ops *ctx)
{
	if (ctx->local_port == bpf_htons(SERVER))
		hit(56);
	return 1;
}

SEC("sk_lookup")
int lookup_port(struct bpf_sk_lookup *ctx)
{
	if (ctx->local_port == SERVER)
		hit(57);
	return SK_PASS;
}

SEC("sk_lookup")
int lookup_network_order(struct bpf_sk_lookup *ctx)
{
	if (ctx->local_port == bpf_htons(SERVER))
		hit(58);
	return SK_PASS;
}

SEC("perf_event")
int perf_process(void *ctx)
{
	return bpf_get_current_pid_tgid() >> 32 == target_pid ? hit(31) : 0;
}

SEC("perf_event")
int perf_both_halves(void *ctx)
{
	return bpf_get_current_pid_tgid() == target_pid ? hit(32) : 0;
}

/* What the constants leave of it */
SEC("tp/raw_syscalls/sys_exit")
int tp_every_call(struct enter *ctx)
{
	if (only_call && ctx->id != only_call)
		return 0;
	return hit(59);
}

SEC("tp/raw_syscalls/sys_exit")
int tp_switched_off(struct enter *ctx)
{
	if (!switched_on)
		return 0;
	return hit(35);
}
