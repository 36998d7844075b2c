"""Guesses which program type each function of a BCC program is meant to be loaded with, and says why."""

from __future__ import annotations

import re

from bpfdoctor.capture._bcc_child import type_by_prefix
from bpfdoctor.capture.cscan import FunctionText, functions
from bpfdoctor.formats.c_text import code_only
from bpfdoctor.kernel import types
from bpfdoctor.model.problem import Problem

#: struct of the first parameter -> type
_CONTEXTS = {
    "pt_regs": "kprobe",
    "xdp_md": "xdp",
    "bpf_perf_event_data": "perf_event",
    "bpf_raw_tracepoint_args": "raw_tracepoint",
    "bpf_sock_ops": "sock_ops",
    "sk_msg_md": "sk_msg",
    "bpf_sock": "cgroup_sock",
    "bpf_sock_addr": "cgroup_sock_addr",
    "bpf_sockopt": "cgroup_sockopt",
    "bpf_sysctl": "cgroup_sysctl",
    "bpf_cgroup_dev_ctx": "cgroup_device",
    "sk_reuseport_md": "sk_reuseport",
    "bpf_sk_lookup": "sk_lookup",
}
_ALIASES = {
    "tc": "sched_cls", "classifier": "sched_cls", "action": "sched_act", "socket": "socket_filter",
    "tp": "tracepoint", "raw_tp": "raw_tracepoint", "fentry": "tracing", "fexit": "tracing",
    "kfunc": "tracing", "kretprobe": "kprobe", "uprobe": "kprobe", "uretprobe": "kprobe", "usdt": "kprobe",
}  # fmt: skip
_TC = re.compile(
    r"\bTC_ACT_|\bbpf_(?:clone_)?redirect\w*\s*\(|->\s*data_end\b|\bbpf_(?:skb_store|l[34]_csum)"
)
_STRUCT = re.compile(r"\bstruct\s+(\w+)\s*\*")
_DEFAULT = "kprobe"


def override(name: str) -> str:
    """The kernel's name of the type a user asked for; Problem when there is none."""
    kind = _ALIASES.get(name.partition("/")[0], name.partition("/")[0])
    if kind not in types.programs():
        raise Problem(
            f"There is no program type called {name!r}.",
            "Name it like the kernel: " + ", ".join(types.programs()) + ".",
        )
    return kind


def choose(text: str, attached: dict[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """For each function of the C text: (type, a sentence if it is a guess); (None, None) for helpers.

    `attached` holds the types that a Python tool gives to functions when it attaches them.
    """
    result: dict[str, tuple[str | None, str | None]] = {}
    code = code_only(text)
    for function in functions(code):
        if "static" in function.head.split() or "inline" in function.head:
            continue
        result[function.name] = _type(function, code, attached)
    return result


def _type(function: FunctionText, code: str, attached: dict[str, str]) -> tuple[str | None, str | None]:
    name = function.name
    if name in attached:
        return attached[name], None
    by_name = type_by_prefix(name)
    if by_name:
        return by_name, reason(name)
    first = function.parameters.partition(",")[0]
    struct = _STRUCT.search(first)
    if struct and struct[1] == "__sk_buff":
        if _TC.search(code, function.start, function.end):
            return (
                "sched_cls",
                f"{name} was loaded as a tc classifier (sched_cls), from what it does with its __sk_buff.",
            )
        return (
            "socket_filter",
            f"{name} was loaded as a socket filter: its first parameter is a struct __sk_buff.",
        )
    if struct and struct[1].startswith("tracepoint__"):
        return (
            "tracepoint",
            f"{name} was loaded as a tracepoint program: its first parameter is struct {struct[1]}.",
        )
    if struct and struct[1] in _CONTEXTS:
        kind = _CONTEXTS[struct[1]]
        return kind, f"{name} was loaded as {kind}: its first parameter is a struct {struct[1]}."
    if re.fullmatch(r"\s*(?:void\s*\*\s*\w+|void)?\s*", first) or re.search(r"\bctx\s*$", first):
        return _DEFAULT, reason(name)
    return None, None


def reason(name: str) -> str:
    """Why a function got its type, when only its name could say."""
    kind = type_by_prefix(name)
    if kind:
        return f"{name} was loaded as {kind}, as its name says."
    return f"{name} was loaded as a {_DEFAULT}: nothing in it says what it is meant to be (see --prog-type)."
