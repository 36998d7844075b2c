"""What a program's text shows: filters that let nothing through, and arguments from the wrong place."""

from __future__ import annotations

import pytest

from bpfdoctor.model.preflight import Cause
from bpfdoctor.model.report import Flavour, RawReport, SourceFile, Stage
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.preflight import lints
from bpfdoctor.preflight.lints import pids
from bpfdoctor.preflight.sections import of_section
from bpfdoctor.preflight.system.host import Host
from bpfdoctor.source import Source


@pytest.fixture(autouse=True)
def _numbers_of_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if not in a container, wherever the tests are run."""
    monkeypatch.setattr(pids, "in_namespace", lambda: False)


HEAD = """\
#define HTTP 80
#define SWAPPED 0x5000
const volatile pid_t target_pid = 0;
const volatile u32 target_tid = 0;
const volatile u64 target_both = 0;
const volatile u32 target_tgid = 0;
const volatile u32 target_uid = 1000;
const volatile u16 only_port = 80;
const volatile u16 wanted_port = 0;
static int helper(u32 pid) { return pid == target_pid; }
"""


def found(section: str, text: str) -> list[Cause]:
    """The causes of the one program of a text."""
    source = HEAD + f'SEC("{section}")\n{text}\n'
    raw = RawReport(b"", "x.bpf.c", Flavour.LIBBPF, Stage.LOADER, files=(SourceFile("x.bpf.c", source),))
    hook = of_section("prog", section)
    return list(lints.look(hook, raw, Source(raw, Transcript(raw=raw, text=b"")), Host()))


def rules(section: str, text: str) -> list[str]:
    return [each.rule for each in found(section, text)]


CALL = "bpf_get_current_pid_tgid()"
PIDS = {
    f"if ({CALL} != target_pid) return 0;": "pid-and-tgid-together",
    f"u64 id = {CALL}; if (id == 1234) return 0;": "pid-and-tgid-together",
    f"u32 pid = {CALL}; if (pid != target_pid) return 0;": "thread-id-filter",
    f"u32 pid = {CALL}; if (target_pid && target_pid != pid) return 0;": "thread-id-filter",
    f"u64 id = {CALL}; u32 pid = (u32)id; if (pid != target_pid) return 0;": "thread-id-filter",
    f"if (({CALL} & 0xffffffff) != target_pid) return 0;": "thread-id-filter",
    f"int pid = {CALL}; if (pid == 1234) return 0;": "thread-id-filter",
    f"u32 pid = {CALL} >> 32; if (pid != target_pid) return 0;": None,
    f"u64 id = {CALL}; u32 tgid = id >> 32; if (tgid != target_pid) return 0;": None,
    f"u64 id = {CALL}; u32 tid = id; if (tid != target_tid) return 0;": None,
    f"u32 tid = (u32){CALL}; if (target_tid != tid) return 0;": None,
    f"u32 pid = {CALL}; if (pid == 0) return 0;": None,
    f"u64 id = {CALL}; if (id == target_both) return 0;": None,
    f"u32 pid = {CALL}; pid = {CALL} >> 32; if (pid != target_pid) return 0;": None,
    f"u32 pid = {CALL}; bpf_map_update_elem(&seen, &pid, &pid, 0);": None,
    "struct task_struct *task = 0; if (task->pid != target_tgid) return 0;": "thread-id-filter",
    "struct task_struct *task = 0; int pid = BPF_CORE_READ(task, pid); if (pid == target_tgid) return 0;": (
        "thread-id-filter"
    ),
    "struct trace_event_raw_sched_switch *of = ctx; if (of->prev_pid != target_tgid) return 0;": (
        "thread-id-filter"
    ),
    f"u32 pid = {CALL}; if (!bpf_map_lookup_elem(&only_pids, &pid)) return 0;": "thread-id-filter",
    "struct task_struct *task = 0; if (task->pid != target_pid) return 0;": None,  # a thread may be meant
    "struct task_struct *task = 0; if (task->tgid != target_tgid) return 0;": None,
    "struct mine *task = 0; if (task->pid != target_tgid) return 0;": None,
    "struct task_struct *p = 0; if (p->pid == p->tgid) return 0;": None,  # a first thread
    "struct task_struct *p = 0; int tgid = p->tgid; if (p->pid == tgid) return 0;": None,
    f"u32 pid = {CALL} >> 32; if (!bpf_map_lookup_elem(&only_pids, &pid)) return 0;": None,
    f"u32 pid = {CALL}; if (!bpf_map_lookup_elem(&starts, &pid)) return 0;": None,
    f"u32 pid = {CALL}; bpf_map_lookup_elem(&pids, &pid); bpf_map_update_elem(&pids, &pid, &pid, 0);": None,
}


@pytest.mark.parametrize("body", PIDS)
def test_filters_by_process(body: str) -> None:
    wanted = PIDS[body]
    assert rules("tp/sched/sched_switch", f"int prog(void *ctx) {{ {body} return 1; }}") == (
        [wanted] if wanted else []
    )


def test_a_container_has_other_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    body = f"int prog(void *ctx) {{ u32 pid = {CALL} >> 32; if (pid != target_pid) return 0; return 1; }}"
    assert rules("tp/sched/sched_switch", body) == []
    monkeypatch.setattr(pids, "in_namespace", lambda: True)
    assert rules("tp/sched/sched_switch", body) == ["pid-of-namespace"]
    of_the_kernel = f"int prog(struct sched *ctx) {{ int pid = ctx->prev_pid; return pid == {CALL} >> 32; }}"
    assert rules("tp/sched/sched_switch", of_the_kernel) == []


PACKET = (
    "struct ethhdr *eth = data; struct iphdr *ip = data + 14; struct tcphdr *tcp = data + 34; "
    "struct bpf_sock *sk = 0; struct mine *own = data; "
)
ORDER = {
    "if (eth->h_proto == ETH_P_IP) return 1;": "network-order-field",
    "if (eth->h_proto != 0x0800) return 1;": "network-order-field",
    "if (tcp->dest == 80) return 1;": "network-order-field",
    "if (tcp->dest == HTTP) return 1;": "network-order-field",
    "__be16 port = tcp->source; if (port == 443) return 1;": "network-order-field",
    "switch (eth->h_proto) { case ETH_P_IPV6: return 1; }": "network-order-field",
    "if (ctx->protocol == ETH_P_IP) return 1;": "network-order-field",
    "if (ip->saddr == 0x7f000001) return 1;": "network-order-field",
    "if (ctx->local_port == bpf_htons(80)) return 1;": "host-order-field",
    "if (eth->h_proto == bpf_htons(ETH_P_IP)) return 1;": None,
    "if (eth->h_proto == __constant_htons(ETH_P_IP)) return 1;": None,
    "if (bpf_ntohs(eth->h_proto) == ETH_P_IP) return 1;": None,
    "if (eth->h_proto == 0x0008) return 1;": None,
    "if (tcp->dest == SWAPPED) return 1;": None,
    "if (tcp->dest == 0) return 1;": None,
    "u16 port = bpf_ntohs(tcp->dest); if (port == 80) return 1;": None,
    "u16 port = tcp->dest; port = bpf_ntohs(port); if (port == 80) return 1;": None,
    "if (ip->saddr == 0x0100007f) return 1;": None,
    "if (ip->protocol == 6) return 1;": None,
    "if (own->dest == 80) return 1;": None,
    "if (own->h_proto == ETH_P_IP) return 1;": None,  # it may have been turned round
    "if (ctx->local_port == 80) return 1;": None,
    "struct bpf_sock_ops *ops = 0; if (ops->remote_port == 443) return 1;": "network-order-field",
    "struct bpf_sock_ops *ops = 0; if (ops->remote_port == bpf_htons(443)) return 1;": "network-order-field",
    "struct bpf_sock_ops *ops = 0; if (ops->remote_port == bpf_htonl(443)) return 1;": None,
    "struct bpf_sk_lookup *looked = 0; if (looked->remote_port == bpf_htons(443)) return 1;": None,
    "struct trace_event_raw_inet_sock_set_state *set = 0; if (set->dport == bpf_htons(80)) return 1;": (
        "host-order-field"
    ),
    "struct trace_event_raw_inet_sock_set_state *set = 0; if (set->dport == 80) return 1;": None,
    "if (ip->protocol == bpf_htons(6)) return 1;": "host-order-field",
    "if (tcp->dest != only_port) return 1;": "network-order-field",
    "if (tcp->dest != wanted_port) return 1;": None,
    "if (ip->frag_off & 0x1fff) return 1;": "network-order-field",
    "if (ip->frag_off & bpf_htons(0x1fff)) return 1;": None,
}


@pytest.mark.parametrize("body", ORDER)
def test_ports_addresses_and_protocols(body: str) -> None:
    wanted = ORDER[body]
    text = f"int prog(struct __sk_buff *ctx) {{ void *data = 0; {PACKET}{body} return 0; }}"
    assert rules("tc", text) == ([wanted] if wanted else [])


MACROS = {
    ("usdt//bin/x:a:b", "BPF_KPROBE(prog, int a)"): "program-macro",
    ("usdt//bin/x:a:b", "BPF_USDT(prog, int a)"): None,
    ("usdt//bin/x:a:b", "BPF_KPROBE(prog)"): None,
    ("uprobe//bin/x:a", "BPF_USDT(prog, int a)"): "program-macro",
    ("uprobe//bin/x:a", "BPF_KPROBE(prog, int a)"): None,
    ("uretprobe//bin/x:a", "BPF_UPROBE(prog, int a)"): "program-macro",
    ("uretprobe//bin/x:a", "BPF_KRETPROBE(prog, int a)"): None,
    ("kprobe/vfs_read", "BPF_PROG(prog, int a)"): "program-macro",
    ("kprobe/vfs_read", "BPF_KPROBE(prog, int a)"): None,
    ("kretprobe/vfs_read", "BPF_KPROBE(prog, int a)"): "program-macro",
    ("kprobe/__x64_sys_openat", "BPF_KPROBE(prog, int dfd)"): "system-call-arguments",
    ("kprobe/__x64_sys_openat", "BPF_KPROBE(prog, struct pt_regs *regs)"): None,
    ("kprobe/__x64_sys_openat", "BPF_KSYSCALL(prog, int dfd)"): None,
    ("ksyscall/openat", "BPF_KPROBE(prog, int dfd)"): "program-macro",
    ("fentry/vfs_read", "BPF_KPROBE(prog, int a)"): "program-macro",
    ("fentry/vfs_read", "BPF_PROG(prog, int a)"): None,
    ("tp_btf/sched_switch", "BPF_PROG(prog, bool preempt)"): None,
    ("raw_tp/sched_switch", "BPF_PROG(prog, bool preempt)"): None,
    ("tp/syscalls/sys_enter_openat", "BPF_PROG(prog, int a)"): "program-macro",
    ("tp/syscalls/sys_enter_openat", "BPF_PROG(prog)"): None,
}


@pytest.mark.parametrize(("section", "head"), MACROS)
def test_the_macro_of_a_hook(section: str, head: str) -> None:
    wanted = MACROS[section, head]
    assert rules(section, f"int {head}\n{{\n\treturn a;\n}}") == ([wanted] if wanted else [])


def test_what_a_called_function_does_is_the_programs() -> None:
    text = "static int only(struct tcphdr *t) { return t->dest == 80; }\n"
    called = text + "int prog(void *ctx) { return only(ctx); }"
    source = HEAD + text
    assert [each.location.line for each in found("tc", called) if each.location] == [source.count("\n") + 1]
    assert rules("tc", text + "int prog(void *ctx) { return 0; }") == []


def test_the_macro_is_the_place() -> None:
    (cause,) = found("usdt//bin/x:a:b", "int BPF_KPROBE(prog, int a) { return a; }")
    at = cause.location
    assert at is not None and at.text is not None and at.column is not None and at.end_column is not None
    assert at.text[at.column - 1 : at.end_column - 1] == "BPF_KPROBE"


UIDS = {
    "if (bpf_get_current_uid_gid() != target_uid) return 0;": "user-and-group-together",
    "u32 uid = bpf_get_current_uid_gid() >> 32; if (uid != target_uid) return 0;": "user-and-group-together",
    "u32 uid = bpf_get_current_uid_gid(); if (uid != target_uid) return 0;": None,
    "u32 gid = bpf_get_current_uid_gid() >> 32; if (gid != 1000) return 0;": None,
    "if (bpf_get_current_uid_gid() == 0) return 0;": None,
    "if (ctx->ret == ENOENT) return 0;": "error-number-positive",
    "int ret = PT_REGS_RC(ctx); if (ret == EAGAIN) return 0;": "error-number-positive",
    "if (ctx->ret == -ENOENT) return 0;": None,
    "int ret = -ctx->ret; if (ret == ENOENT) return 0;": None,
    "if (event->error == ENOENT) return 0;": None,
}


@pytest.mark.parametrize("body", UIDS)
def test_users_and_errors(body: str) -> None:
    wanted = UIDS[body]
    text = f"int prog(struct trace_event_raw_sys_exit *ctx) {{ {body} return 1; }}"
    assert rules("tp/syscalls/sys_exit_openat", text) == ([wanted] if wanted else [])


READS = {
    ("kretprobe/vfs_write", "PT_REGS_PARM1(ctx)"): "registers-of-other-moment",
    ("uretprobe//bin/x:a", "PT_REGS_PARM2_CORE(ctx)"): "registers-of-other-moment",
    ("kprobe/vfs_write", "PT_REGS_RC(ctx)"): "registers-of-other-moment",
    ("kprobe/__x64_sys_openat", "PT_REGS_PARM2(ctx)"): "system-call-arguments",
    ("kprobe/__x64_sys_openat", "PT_REGS_PARM1(ctx)"): None,
    ("kprobe/__x64_sys_openat", "PT_REGS_PARM2(inner)"): None,
    ("kprobe/vfs_write", "PT_REGS_PARM2(ctx)"): None,
    ("kretprobe/vfs_write", "PT_REGS_RC(ctx)"): None,
    ("kprobe/vfs_write+0x10", "PT_REGS_RC(ctx)"): None,
    ("uprobe//bin/x:a", "PT_REGS_RC(ctx)"): "registers-of-other-moment",
    ("uprobe/read_exit", "PT_REGS_RC(ctx)"): None,
}


@pytest.mark.parametrize(("section", "read"), READS)
def test_registers_hold_what_their_macro_names_at_one_moment(section: str, read: str) -> None:
    wanted = READS[section, read]
    text = f"int prog(struct pt_regs *ctx)\n{{\n\treturn {read} != 0;\n}}"
    assert rules(section, text) == ([wanted] if wanted else [])
    chosen = f"int prog(struct pt_regs *ctx)\n{{\n#ifdef OLD\n\treturn {read} != 0;\n#endif\n\treturn 0;\n}}"
    assert rules(section, chosen) == []
