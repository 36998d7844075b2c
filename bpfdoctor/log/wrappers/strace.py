"""Reads what strace prints of a system call: only one that failed, and only one that has to do with BPF."""

from __future__ import annotations

from bpfdoctor.log.wrappers import error_numbers
from bpfdoctor.model.failure import Failure, Step
from bpfdoctor.pattern import later

# strace -f, -t and -r put a process and a time before the call.
_BEFORE = r"(?:\[pid +\d{1,8}\] |\d{1,8} +|\d\d:\d\d:\d\d(?:\.\d{1,9})? |\d{1,4}\.\d{6} )*"
_CALL = later(
    _BEFORE
    + r"(bpf|perf_event_open|ioctl|write|openat|open|prlimit64|setrlimit)"
    + r"\((.{0,1900})\) += +(-?\d{1,12}|\?)(.{0,80})$"
)
_ANY = later(_BEFORE + r"[a-z_0-9]{2,30}\(.{0,1950}\) += +(?:-?\d|0x|\?)")
_NAME = later(r'\b(?:prog|map)_name="([\w.]{1,16})"')
_EVENT = later(r'"[pr]\d{0,6}:\S{1,200} ([\w.:/+]{1,200})')
_COMMANDS = {
    "BPF_PROG_LOAD": Step.LOAD,
    "BPF_MAP_CREATE": Step.MAP,
    "BPF_BTF_LOAD": Step.BTF,
    "BPF_LINK_CREATE": Step.ATTACH,
    "BPF_PROG_ATTACH": Step.ATTACH,
    "BPF_RAW_TRACEPOINT_OPEN": Step.ATTACH,
    "BPF_OBJ_PIN": Step.PIN,
    "BPF_OBJ_GET": Step.PIN,
}
_KINDS = {"BPF_RAW_TRACEPOINT_OPEN": "raw_tracepoint"}


def is_call(line: str) -> bool:
    """Whether a line is strace's, about any system call."""
    return _ANY.match(line) is not None


def made_up_for(failed: str, line: str) -> bool:
    """Whether `line` is the call of `failed` once more, of the same kind, and it succeeded."""
    first, again = _CALL.match(failed), _CALL.match(line)
    if first is None or again is None or again[3].startswith("-") or (first[1], again[1]) != ("bpf", "bpf"):
        return False
    return first[2].split(",", 2)[:2] == again[2].split(",", 2)[:2]


def read(line: str) -> Failure | None:
    """The step that a system call failed at; None for one that succeeded, and for all that are not BPF's."""
    found = _CALL.match(line)
    if found is None or not found[3].startswith("-"):
        return None
    call, arguments, _, why = found.groups()
    if arguments.startswith("BPF_OBJ_GET, ") and "ENOENT" in why:
        return None  # loaders look whether something is pinned before they make it
    step, kind, target = Step.ATTACH, "", ""
    if call == "bpf":
        command = arguments.split(",", 1)[0]
        step, kind = _COMMANDS.get(command, Step.REQUEST), _KINDS.get(command, "")
    elif call == "perf_event_open":
        kind = "perf_event"
    elif call == "write" and (event := _EVENT.search(arguments)):
        kind, target = ("uprobe" if "uprobes/" in arguments else "kprobe"), event[1]
    elif call in ("prlimit64", "setrlimit") and "RLIMIT_MEMLOCK" in arguments:
        step, kind = Step.MAP, "rlimit"
    elif not (call == "ioctl" and "PERF_EVENT_IOC_SET_BPF" in arguments):
        return None
    named = _NAME.search(arguments)
    name = named[1] if named else ""
    return Failure(
        said=line,
        who="strace: the loader",
        step=step,
        kind=kind,
        target=target,
        program=name if step is Step.LOAD else "",
        map=name if step is Step.MAP else "",
        errno=error_numbers.find(why),
    )
