"""Where a program wants to be attached, and whether it can ever run there."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from bpfdoctor.model.diagnosis import Json, Place, Report, Severity, Standing
from bpfdoctor.model.record import dataclass, field


class HookKind(StrEnum):
    """What kind of place a program is attached to; each value begins its section's name (libbpf)."""

    KPROBE = "kprobe"
    KRETPROBE = "kretprobe"
    KSYSCALL = "ksyscall"
    KRETSYSCALL = "kretsyscall"
    KPROBE_MULTI = "kprobe.multi"
    FENTRY = "fentry"
    FEXIT = "fexit"
    FMOD_RET = "fmod_ret"
    TRACEPOINT = "tracepoint"
    RAW_TRACEPOINT = "raw_tp"
    TP_BTF = "tp_btf"
    UPROBE = "uprobe"
    URETPROBE = "uretprobe"
    UPROBE_MULTI = "uprobe.multi"
    USDT = "usdt"
    LSM = "lsm"
    PERF_EVENT = "perf_event"
    XDP = "xdp"
    TC = "tc"
    CGROUP = "cgroup"
    SOCKET = "socket"
    STRUCT_OPS = "struct_ops"
    ITER = "iter"
    FREPLACE = "freplace"
    SYSCALL = "syscall"  # run by its loader
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Read:
    """A read of the context: `size` bytes from byte `offset` on, by instruction `insn` of the program.

    `member` is what the program's own structure has there ("" where it has none), from byte `start` on.
    """

    insn: int
    offset: int
    size: int
    member: str = ""
    start: int = 0
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class MemberRead:
    """A member of one of the kernel's structures that is read at byte `offset` of a declaration.

    `own` are the members' names where the declaration is the program's own; () for a header's. `made_of` is
    the structure whose address was cast to this one, "" where the text does not show it.
    """

    structure: str  # with its keyword, as the kernel calls it
    declared: str  # as the program does: struct task_struct___old
    member: str
    offset: int
    place: Place
    own: tuple[str, ...] = ()
    made_of: str = ""


@dataclass(frozen=True, slots=True)
class Wants:
    """What it takes to load a program, as far as its object or its text shows it.

    `type` is the kernel's name of the program type, "" where it is not known; `map_bytes` what its maps take
    at the least. `addresses` of the kernel are looked up in /proc/kallsyms (untyped externs, BCC's calls).
    `compiled_here`: BCC compiles it where it runs, with that kernel's headers.
    """

    type: str = ""
    helpers: frozenset[str] = frozenset()
    needs_jit: str = ""  # what an interpreter cannot do, in words
    kernel_types: bool = False  # CO-RE relocations, or a hook that is found by its type
    map_types: tuple[tuple[str, int], ...] = ()  # (map, number of its type)
    map_bytes: int = 0
    pinned: tuple[str, ...] = ()  # maps that libbpf pins or looks for in /sys/fs/bpf
    addresses: tuple[str, ...] = ()
    compiled_here: bool = False
    called_from: str = ""  # the map that has it from the start: bpf_tail_call() runs it
    chooses: str = ""  # who names the place in the section's stead, in words: its loader's own text


@dataclass(frozen=True, slots=True)
class Hook:
    """A program and the place it is attached to.

    `target` is what the text names there: `do_unlinkat`, `sched:sched_switch`, `/bin/bash:readline`; "" where
    it names nothing, because a loader decides. `options` are what else the attach call says (pid, address,
    offset, `syscall` …).
    """

    program: str
    kind: HookKind
    target: str = ""
    section: str | None = None  # of a program of libbpf's
    function: str | None = None  # in C, where it is not the program's name
    location: Place | None = None  # of what names the target, in the user's text
    options: Mapping[str, Any] = field(default_factory=dict)
    reads: tuple[Read, ...] = ()  # of the context, where the layout is the hook's own (tracepoints)
    members: tuple[MemberRead, ...] = ()
    wants: Wants | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a program will not run, or may not: a rule of rules/silent, with the values of its sentences.

    The rule's severity decides: error for "will not", warning for "may not". The values are those that CAUSES
    has for the rule. `location` is where the cause is
    in the user's text, if not where the hook is.
    """

    rule: str
    values: Mapping[str, Any]
    location: Place | None = None
    of_machine: bool = False  # it is about no line of the text


@dataclass(frozen=True, slots=True)
class NotKnown:
    """What cannot be known of this machine; `why` continues "not known: …"."""

    why: str


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence that keeps nothing from firing, and is worth knowing."""

    text: str


class Answer(StrEnum):
    FIRES = "can-fire"  # nothing that is known keeps it from running
    WILL_NOT = "will-not-fire"
    UNKNOWN = "not-known"

    @property
    def in_words(self) -> str:
        """As it stands after "the program"."""
        return self.value.replace("-", " ")


@dataclass(frozen=True, slots=True)
class Flight:
    """What is known of one hook on one machine."""

    hook: Hook
    answer: Answer
    causes: tuple[Cause, ...] = ()
    unknown: tuple[str, ...] = ()  # with UNKNOWN: what could not be known, and why
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreflightReport(Report):
    """What is said of a program that was compiled and not loaded: whether it will ever run."""

    hook: Hook | None = None
    answer: Answer = Answer.UNKNOWN
    unknown: tuple[str, ...] = ()

    @property
    def standing(self) -> Standing:
        if self.answer is Answer.WILL_NOT:
            return Standing.FOUND
        if any(each.severity is Severity.WARNING for each in self.diagnoses):
            return Standing.WARNED
        return Standing.FINE if self.answer is Answer.FIRES else Standing.NOTHING

    def public(self) -> Mapping[str, Json]:
        """The `preflight` of docs/json.md."""
        hook = self.hook
        return {
            "answer": self.answer.value,
            "unknown": list(self.unknown),
            "kind": hook.kind.value if hook else None,
            "target": hook.target or None if hook else None,
            "options": _plain(hook.options) if hook else {},
            "location": hook.location.as_json() if hook and hook.location else None,
        }


def _plain(options: Mapping[str, Any]) -> dict[str, Json]:
    """Without what only checks need: places in the text."""
    return {name: value for name, value in options.items() if isinstance(value, (str, int))}


# What the causes of hooks in user space bind.
_IN_USER_SPACE: Mapping[str, Mapping[str, str]] = {
    "probed-file-missing": {"file": "str"},
    "probed-script": {"file": "str", "interpreter": "str"},
    "probed-function-missing": {"function": "str", "file": "str"},
    "probed-function-stripped": {"function": "str", "file": "str"},
    "probed-function-near": {"function": "str", "file": "str", "near": "str"},
    "probed-function-inlined": {"function": "str", "file": "str", "count": "int"},
    "probed-function-inlined-too": {"function": "str", "file": "str", "count": "int"},
    "probed-import": {"function": "str", "file": "str"},
    "probed-chooser": {"function": "str", "file": "str"},
    "probed-past-function": {"function": "str", "file": "str", "offset": "int", "size": "int"},
    "probed-file-offset": {"function": "str", "file": "str", "address": "str", "virtual": "str"},
    "probed-address": {"file": "str", "address": "str"},
    "probed-process-missing": {"pid": "int"},
    "process-runs-other": {"pid": "int", "file": "str", "runs": "str"},
    "process-has-own-copy": {"pid": "int", "file": "str", "runs": "str", "its": "str"},
    "replaced-after-start": {"pid": "int", "file": "str", "runs": "str", "its": "str"},
    "library-not-loaded": {"pid": "int", "file": "str", "runs": "str"},
    "library-in-program": {"pid": "int", "file": "str", "runs": "str"},
    "usdt-no-probes": {"probe": "str", "file": "str"},
    "usdt-probe-missing": {"probe": "str", "file": "str", "near": "str", "count": "int"},
    "usdt-other-provider": {"probe": "str", "file": "str", "provider": "str", "providers": "str"},
    "usdt-two-providers": {"probe": "str", "file": "str", "providers": "str"},
    "usdt-needs-process": {"probe": "str", "file": "str"},
    "usdt-semaphore": {"probe": "str", "file": "str"},
    "usdt-argument-missing": {"probe": "str", "file": "str", "number": "int", "count": "int"},
    "usdt-argument-size": {
        "probe": "str",
        "file": "str",
        "number": "int",
        "count": "int",
        "name": "str",
        "size": "int",
        "width": "int",
    },
    "usdt-parameters": {"probe": "str", "file": "str", "parameter": "str"},
}

_MEMBER = {"structure": "str", "declared": "str", "member": "str", "offset": "int", "where": "str"}
# What the causes of machines bind: why none of its kind is loaded there.
_OF_MACHINES: Mapping[str, Mapping[str, str]] = {
    "rights-missing": {"missing": "tuple", "needed": "tuple", "who": "str"},
    "rights-of-a-namespace": {"needed": "tuple"},
    "bpf-call-forbidden": {"how": "str"},
    "map-not-configured": {"map": "str", "option": "str"},
    "kernel-without-types": {},
    "lockdown-forbids": {"what": "str", "level": "str"},
    "kernel-addresses-hidden": {"what": "str", "setting": "str"},
    "perf-events-restricted": {"level": "str"},
    "memory-lock-too-small": {"wanted": "int", "limit": "int"},
    "jit-off": {"what": "str", "setting": "str"},
    "bpffs-not-mounted": {"map": "str"},
    "option-not-seen": {"option": "str"},
    "copied-structure": _MEMBER,
    "structure-of-other-headers": _MEMBER,
    "headers-not-installed": {"found": "str", "package": "str"},
}

# What the causes bind that a program's text shows.
_IN_TEXT: Mapping[str, Mapping[str, str]] = {
    "pid-and-tgid-together": {"other": "str"},
    "thread-id-filter": {"compared": "str", "other": "str"},
    "pid-of-namespace": {"other": "str"},
    "network-order-field": {"field": "str", "other": "str", "seen": "str", "call": "str"},
    "host-order-field": {"field": "str", "other": "str"},
    "program-macro": {"macro": "str", "right": "str"},
    "system-call-arguments": {"argument": "str", "function": "str"},
    "user-and-group-together": {"compared": "str", "other": "str", "has": "str"},
    "error-number-positive": {"compared": "str", "other": "str"},
    "registers-of-other-moment": {"macro": "str", "what": "str", "right": "str"},
    "constant-holds-back": {
        "constants": "tuple",
        "settings": "str",
        "name": "str",
        "value": "int",
        "dropped": "str",
    },
}

_UNSET = {
    "helper": "str",
    "first": "int",
    "last": "int",
    "size": "int",
    "what": "str",
    "variable": "str",
    "map": "str",
}
# What loads here, and leaks, is silently wrong or is refused elsewhere: rules/lints.
_LINTS: Mapping[str, Mapping[str, str]] = {
    "unset-bytes-sent": _UNSET,
    "unset-key-bytes": _UNSET,
    "unchecked-constant-lookup": {"map": "str"},
    "user-memory-as-kernel": {"helper": "str", "what": "str", "right": "str"},
    "kernel-memory-as-user": {"helper": "str", "what": "str", "right": "str"},
    "probe-read-either": {"helper": "str", "right": "str"},
    "probe-read-unchecked": {"helper": "str"},
    "printk-left-in": {"helper": "str"},
    "missing-license": {"helper": "str"},
    "stack-nearly-full": {"bytes": "int", "left": "int", "calls": "str"},
    "verifier-budget": {"insns": "int", "percent": "int", "most": "int"},
    "registers-by-name": {"access": "str", "macro": "str"},
    "structure-without-core": {"structure": "str", "member": "str", "offset": "int"},
    "maps-over-memlock": {"size": "int", "limit": "int", "oldest": "str"},
    "newer-than-oldest": {"kind": "str", "name": "str", "since": "str", "oldest": "str"},
}

# What the causes of each rule bind, with the types: the names that its sentences may use, beside `hook` and
# `target`.
CAUSES: Mapping[str, Mapping[str, str]] = {
    "no-kprobes": {},
    "no-kprobe-events": {},
    "no-kprobe-multi": {},
    "no-trampolines": {"machine": "str"},
    "kernel-function-missing": {"function": "str", "near": "str", "best": "str"},
    "kernel-function-renamed": {"function": "str", "made": "tuple"},
    "kernel-function-ambiguous": {"function": "str", "count": "int"},
    "kernel-function-namesake": {"function": "str", "count": "int"},
    "kernel-function-bypassed": {
        "function": "str",
        "instead": "str",
        "calls": "str",
        "how": "str",
        "why": "str",
    },
    "kernel-function-copied": {"function": "str", "copies": "tuple"},
    "kernel-pattern-empty": {"pattern": "str", "kind": "str", "place": "str"},
    "kprobe-blacklisted": {"function": "str"},
    "function-not-traceable": {"function": "str"},
    "function-without-type": {"function": "str"},
    "system-call-name": {"function": "str", "wrappers": "tuple"},
    "system-call-missing": {"call": "str", "near": "str", "best": "str"},
    "tracefs-not-mounted": {},
    "tracepoint-missing": {"near": "str", "best": "str"},
    "tracepoint-not-configured": {"options": "tuple"},
    "tracepoint-record-short": {"wanted": "int", "size": "int"},
    "tracepoint-field-moved": {"member": "str", "offset": "int", "field": "str", "actual": "int"},
    "raw-tracepoint-arguments": {"wanted": "int", "count": "int"},
    "bpf-lsm-not-active": {"active": "str"},
    "lsm-hook-missing": {"near": "str", "best": "str"},
    "iterator-missing": {"near": "str", "best": "str"},
    "struct-ops-missing": {"structure": "str", "near": "str"},
    "device-missing": {"device": "str", "near": "str"},
    "device-down": {"device": "str"},
    "device-mtu": {"device": "str", "sender": "str", "mtu": "int", "most": "int"},
    "xdp-before-tc": {"device": "str", "other": "str"},
    "tracepoint-switched-off": {"setting": "str"},
    "system-call-seldom": {"call": "str", "function": "str", "instead": "str"},
    "device-has-program": {"device": "str", "other": "str"},
    "hook-not-configured": {"option": "str"},
    "cgroup-not-there": {"path": "str", "has": "str"},
    "cgroup-empty": {"path": "str"},
    "no-hardware-events": {},
    **_IN_USER_SPACE,
    **_OF_MACHINES,
    **_IN_TEXT,
    **_LINTS,
}
