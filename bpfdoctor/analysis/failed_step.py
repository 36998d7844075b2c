"""What is said of a failed step of loading: who, what, on what; what its error means there; what is next."""

from __future__ import annotations

import re

from bpfdoctor.catalogue.schema import Advice, Rule
from bpfdoctor.linux_errno import strerror
from bpfdoctor.model.diagnosis import Confidence
from bpfdoctor.model.failure import ENOTSUPP, Failure, Step

# What the loader could not do, by step; {0} is what it was about.
_COULD_NOT = {
    Step.OPEN: "could not open {0}",
    Step.RELOCATE: "could not fit {0} to this kernel",
    Step.BTF: "could not load the type information (BTF) of {0}",
    Step.MAP: "could not create {0}",
    Step.LOAD: "could not load {0}",
    Step.ATTACH: "could not attach {0}",
    Step.REGISTER: "could not register {0}",
    Step.PIN: "could not pin, or open what is pinned of, {0}",
    Step.READ: "could not read from {0}",
    Step.REQUEST: "could not do what it was asked{0}",
    Step.UNKNOWN: "says that a step failed",
}
# Where the kind of failure says better what happened than the step.
_BY_KIND = {
    "program-missing": "found no {0} in the object",
    "usage": "does not understand its command line",
    "root": "goes on only as root",
    "crash": "crashed",
    "tool-missing": "needs a program that is not there",
    "goes-on": "goes on after something that it could not do",
    "cgroup-bpf-off": "finds that programs cannot be attached to cgroups here",
    "tracefs": "found no tracefs, or may not use it",
    "skeleton": "could not be built (the skeleton of its BPF program was not made)",
    "build": "could not be built",
    "kallsyms": "found no symbols of the kernel",
    "map-update": "could not write into {0}",
    "map-lookup": "could not look an element up in {0}",
    "map-delete": "could not take an element out of {0}",
    "mount": "could not mount the BPF file system",
    "selinux": "does not let {0} do this",
    "rlimit": "could not raise the limit for locked memory",
    "xsk": "could not set up an AF_XDP socket",
    "removal": "could not take away what was there",
    "stopped": "was stopped",
    "qdisc": "could not make the qdisc for tc programs",
}
_OVER_NETLINK = "was refused a request over netlink"  # of which the text does not say what it was for
_KINDS = {
    "kprobe_multi": "kprobe.multi",
    "kprobe_events": "a kprobe",
    "uprobe_events": "a uprobe",
    "user-symbol": "uprobe",
    "raw_tracepoint": "raw tracepoint",
    "perf_event": "perf event",
    "fentry": "fentry, fexit or another trampoline",
    "struct_ops": "struct_ops",
    "ring_buffer": "ring buffer",
    "perf_buffer": "perf buffer",
    "xdp-link": "xdp",
    "xdp-tool": "xdp",
    "xdp-generic": "xdp, generic mode",
}
_SHOWN = frozenset(
    (
        "kprobe",
        "uprobe",
        "usdt",
        "tracepoint",
        "lsm",
        "xdp",
        "tcx",
        "netkit",
        "tc",
        "cgroup",
        "sockmap",
        "netfilter",
        "netns",
        "iter",
        "freplace",
    )
) | frozenset(_KINDS)


def headline(failure: Failure) -> str:
    """`libbpf could not attach on_open to vfs_read (kprobe): EBUSY, device or resource busy`."""
    who = failure.who or "the loader"
    did = _BY_KIND.get(failure.kind, _COULD_NOT[failure.step]).format(_what(failure))
    if failure.kind == "netlink" and failure.step is Step.REQUEST:
        did = _OVER_NETLINK
    return f"{who} {did}" + (f": {error(failure)}" if failure.errno is not None else "")


def error(failure: Failure) -> str:
    """`EBUSY, device or resource busy`."""
    if failure.errno is None:
        return ""
    if failure.errno == ENOTSUPP:
        return "ENOTSUPP (524), which the kernel has for itself"
    words = strerror(failure.errno)
    words = words[:1].lower() + words[1:]
    return failure.errno_name if words.startswith("unknown") else f"{failure.errno_name}, {words}"


def _what(failure: Failure) -> str:
    kind = _KINDS.get(failure.kind, failure.kind) if failure.kind in _SHOWN else ""
    target = failure.target if failure.target != failure.program else ""
    if failure.kind == "selinux":
        return failure.target
    if failure.kind == "program-missing":
        return failure.target or "such program"
    match failure.step:
        case Step.REQUEST if failure.kind.startswith("map-"):
            return failure.map or target or "a map"
        case Step.MAP | Step.READ:
            return failure.map or target or ("the " + kind if kind else "a map")
        case Step.ATTACH:
            what = failure.program or "the program"
            where = f" to {target}" if target else ""
            return what + where + (f" ({kind})" if kind else "")
        case Step.REGISTER:
            return failure.map or target or "the struct_ops map"
        case Step.PIN:
            return failure.map or failure.program or target or "it"
        case Step.OPEN:
            return target or failure.map or failure.program or "the object"
        case Step.REQUEST:
            named = target or failure.map or failure.program
            return f" with {named}" if named and failure.kind not in _BY_KIND else named
        case _:
            return failure.program or "the program"


def advice_of(rule: Rule, number: int | None) -> Advice | None:
    """The rule's advice with this number."""
    return rule.advice[number] if number is not None else None


def confidence(advice: Advice | None) -> tuple[Confidence, str]:
    """How sure the answer is, and the sentence that says why."""
    if advice is None or advice.classified:
        return Confidence.CLASSIFIED, "this text tells which step failed, not why"
    return Confidence.LIKELY, "the text shows the step and its error, and nothing else that proves the reason"


def means(failure: Failure | None, advice: Advice | None) -> str:
    """What the error stands for at this step."""
    return _filled(advice.means, failure) if advice else ""


def next_step(failure: Failure | None, advice: Advice | None) -> str:
    """What the user does next."""
    return _filled(advice.next, failure) if advice else ""


def _filled(text: str, failure: Failure | None) -> str:
    """The sentence with the failure's own names in it."""
    named = failure or Failure("")
    command = "" if named.target.startswith(("ifindex ", "…")) else named.target
    if not named.target:  # "no function vfs_read that …", "no such function that …"
        text = re.sub(r"\bno (\w+(?: \w+)?) \{target\}", r"no such \1", text)
    for slot, value, otherwise in (
        ("{target}", named.target or named.map or named.program, "the target"),
        ("{TARGET}", command, "NAME"),
        ("{program}", named.program, "the program"),
        ("{map}", named.map or named.target, "the map"),
    ):
        text = text.replace(slot, value or otherwise)
    return text
