"""Takes a loader's line apart: who speaks, at which step, about which target, with which error."""

from __future__ import annotations

import re
from functools import lru_cache

from bpfdoctor import grammar
from bpfdoctor.log.wrappers import audit, chain, error_numbers, map_use, places, strace, targets
from bpfdoctor.log.wrappers.anybody import BUILD, BY_NAME, CRASHED, NOT_INSTALLED, OF_MAPS_ALONE, ROOT
from bpfdoctor.log.wrappers.aya import AYA
from bpfdoctor.log.wrappers.bcc import BCC
from bpfdoctor.log.wrappers.bpftool import BPFTOOL
from bpfdoctor.log.wrappers.bpftrace import BPFTRACE
from bpfdoctor.log.wrappers.cilium import CILIUM
from bpfdoctor.log.wrappers.contract import Loader, Phrase
from bpfdoctor.log.wrappers.falco import FALCO
from bpfdoctor.log.wrappers.iproute import IPROUTE
from bpfdoctor.log.wrappers.libbpf import LIBBPF
from bpfdoctor.log.wrappers.libbpf_rs import LIBBPF_RS
from bpfdoctor.log.wrappers.libxdp import LIBXDP, XDP_TOOLS
from bpfdoctor.log.wrappers.scx import SCX
from bpfdoctor.log.wrappers.systemd import SYSTEMD
from bpfdoctor.log.wrappers.words import KINDS, Word, words_of
from bpfdoctor.model.failure import Failure, Step
from bpfdoctor.pattern import later

# Those whose lines look like no other's come first.
LOADERS = (
    LIBBPF,
    LIBXDP,
    XDP_TOOLS,
    FALCO,
    IPROUTE,
    BUILD,
    BCC,
    BPFTRACE,
    SYSTEMD,
    AYA,
    CILIUM,
    BPFTOOL,
    LIBBPF_RS,
    SCX,
    NOT_INSTALLED,
    OF_MAPS_ALONE,
    BY_NAME,
    ROOT,
    CRASHED,
)
ANYBODY = Loader("")
_FINE = tuple(begin for loader in LOADERS for begin in loader.fine)

_STEPS = {
    "attach": Step.ATTACH,
    "map_create": Step.MAP,
    "btf_load": Step.BTF,
    "program_load": Step.LOAD,
    "open": Step.OPEN,
    "pin": Step.PIN,
    "register": Step.REGISTER,
    "relocate": Step.RELOCATE,
    "read": Step.READ,
    "create": Step.REQUEST,
    "request": Step.REQUEST,
    "remove": Step.REQUEST,
}
_BUFFERS = ("ring_buffer", "perf_buffer")
_ATTACHED = KINDS.difference(
    _BUFFERS, ("struct_ops", "kernel_btf", "token", "iter", "cgroup", "rlimit", "netlink", "xsk")
)
# "kprobe perf_event_open() failed" is about a kprobe.
_VAGUE = ("perf_event", "kernel_btf", "netlink")
_WEAK = ("create", "request", "read")
_LONGEST = 2000
_OF_EVENTS = (2, 22)  # ENOENT, EINVAL: of the function that was written into kprobe_events
_LONG_EVENT = later(r"[pr]\d{0,6}:(?:\w{1,200}/)?\w{64}")  # MAX_EVENT_NAME_LEN
_OVER_NETLINK = ("xdp", "tc", "netlink", "qdisc")
_BPF = later(r"e?bpf|\bbtf\b|\bxdp\b|[ku]probe|struct_ops|sched_ext|\bskeleton\b", re.IGNORECASE)
# Sentences whose quotes are no names.
_ASIDES = ('(either non-existing, inlined, or marked as "notrace")',)
_MAKE = later(
    r"(?:make(?:\[\d{1,3}\])?|gmake|ninja): (?!\S{1,30}: Command not found)"
)  # what a tool returned
_PLACE = later(r"[\w./-]{1,200}:\d{1,6}:\d{1,6}(?:-\d{1,6})?: (?=ERROR: )")
_THREAD = later(r"^thread '[^']{1,100}' panicked at '?")  # the thread is no target
_SOURCE = later(r",? ?[\w./-]{1,200}\.(?:rs|go|c|cc|cpp|h|py):\d{1,6}(?::\d{1,6})?\b")  # the loader's
_CODE = ("raise ", "self.", "lib.")  # of a traceback: what stands in quotes there was not printed
_LIBRARIES = ("libbpf: ", "libxdp: ")  # what stands before these in a line was the program's that uses them
_GOES_ON = later(
    r"\b(?:but will continue|ignore it$|ignoring (?:it|this|error)\b|going on without)", re.IGNORECASE
)
_TAKEN_OUT = later(r"[\"'`]-:\w")  # what is written into kprobe_events to remove an event
_MOUNT = later(
    r"(?:cannot|can't|couldn't|could not|failed|failed to|unable to|error) mount(?:ing)? .{0,40}bpf",
    re.IGNORECASE,
)
_NO_SYMBOL = later(r"\bsymbol ([\w.:$@<>()*/-]{1,200}?):? not found\b")
_RESULT = ": failed with result '"  # systemd's last words, of any service
_SIGNAL = later(r"\bsignal: (killed|terminated|interrupt)\b")  # how Go says that a command was ended
_LIBBPF_STEP = {4001: Step.OPEN, 4007: Step.LOAD, 4008: Step.LOAD, 4009: Step.LOAD, 4010: Step.LOAD}


@lru_cache(maxsize=512)  # loaders repeat themselves
def read(text: str, *, alone: bool = False) -> Failure | None:
    """The failure that a line tells of; None when it tells of none.

    `alone`: nothing says that a loader printed this line, so it has to say enough by itself.
    """
    line = text.strip()[:_LONGEST]
    if line.startswith(_CODE) or _MAKE.match(line):
        return None
    if strace.is_call(line):
        return strace.read(line)
    if audit.is_record(line):
        return audit.read(line)
    if (place := _PLACE.match(line)) is not None:  # of bpftrace, in its script
        line, speaker = line[place.end() :], BPFTRACE
    else:
        speaker = next((loader for loader in LOADERS if loader.speaks(line)), ANYBODY)
    lower = line.lower()
    phrase = next((each for each in speaker.phrases if each.words in lower), None)
    errno = error_numbers.find(line, failed=False)
    if errno is None and map_use.kind_of(line):
        errno = map_use.number(line)
    told = next((line[at:] for at in map(line.find, _LIBRARIES) if at > 0), line)
    told = error_numbers.without(error_numbers.up_to_hint(told))
    for aside in _ASIDES:
        told = told.replace(aside, "")
    told = _SOURCE.sub("", _THREAD.sub("panicked: ", told))
    if errno is None and phrase is None and not grammar.parser("failure").may_find("FAILED", told):
        return None  # most lines of a long text: taking them apart is the larger part of the work
    words = words_of(told)
    failed = any(word.what == "failed" for word in words)
    if errno is None and (failed or phrase is not None):
        errno = error_numbers.find(line)
    if speaker is BPFTRACE and errno == 1 and line.endswith("(-1)"):
        errno = None  # what a call returned, and not why
    if not failed and errno is None and phrase is None:
        return None
    if alone and not _is_enough(line, speaker, words, errno, failed):
        return None
    return _failure(line, speaker, phrase, words, errno, chain.links(told))


def _is_enough(line: str, speaker: Loader, words: list[Word], errno: int | None, failed: bool) -> bool:
    if speaker is not ANYBODY:
        return True
    if errno is not None and {"attach", "program"} <= {word.what for word in words}:
        return True  # nothing else attaches programs
    return (failed or errno is not None) and (
        _BPF.search(line) is not None
        or any(word.what in KINDS for word in words)
        or (errno is not None and (_is_of_map(words) or map_use.kind_of(line) != ""))
    )


def _failure(
    line: str,
    speaker: Loader,
    phrase: Phrase | None,
    words: list[Word],
    errno: int | None,
    links: list[chain.Link],
) -> Failure:
    step, kind = _step(words, links), _kind(words, links) or speaker.kind
    step = _LIBBPF_STEP.get(errno or 0, step)
    if phrase is not None and phrase.kind == "crash" and errno is not None:
        phrase = None  # what Rust panics with is the error that nobody handled
    if phrase is not None and errno not in _LIBBPF_STEP:
        step = phrase.step if phrase.step is not Step.UNKNOWN else step
        kind = phrase.kind or kind
        errno = errno if errno is not None else phrase.errno
    if step is Step.UNKNOWN:
        step = speaker.step
    if kind == "rlimit":
        step = Step.MAP
    if kind == "xsk" or (kind in ("netlink", "cgroup") and step in (Step.OPEN, Step.UNKNOWN)):
        step = Step.REQUEST
    if step is Step.REGISTER and not kind.startswith("struct_ops"):
        step = Step.ATTACH if kind in _ATTACHED else Step.REQUEST  # "failed to register uprobe"
    if kind == "xdp" and phrase is not None and phrase.words == "create link":
        kind = "xdp-link"
    if kind == "struct_ops" and step in (Step.ATTACH, Step.REQUEST, Step.UNKNOWN):
        step = Step.REGISTER
    if kind in _ATTACHED and step in (Step.REQUEST, Step.OPEN, Step.UNKNOWN) and errno not in _LIBBPF_STEP:
        step = Step.ATTACH  # "failed to create kprobe", "opening perf event"
    if kind in _BUFFERS and step in (Step.REQUEST, Step.OPEN, Step.UNKNOWN):
        step = Step.READ
    program, map_name = targets.program(line, words), targets.map_name(line, words)
    target = targets.target(line, words, phrase)
    if (call := links[-1].file_call if links else None) is not None and errno is not None:
        step, kind, target = _of_file(line, call, step, kind, target, errno)
    elif step in (Step.OPEN, Step.REQUEST, Step.UNKNOWN) and not (phrase and phrase.kind):
        target = target if target.startswith("/") else targets.place(words) or target
        step, kind = places.of(target) or (step, kind)
    if kind not in ("rlimit", "program-missing") and _is_removal(words, links):
        step, kind = Step.REQUEST, "removal"
    if kind.startswith(("kprobe", "uprobe")) and _TAKEN_OUT.search(line):
        step, kind, target = Step.REQUEST, "removal", ""
    if target == program and kind != "program-missing":
        target = ""
    if (signal := _SIGNAL.search(line)) is not None:
        kind = "killed" if signal[1] == "killed" else "stopped"
    if kind in ("crash", "killed", "stopped", "tool-missing", "build", "skeleton") or (
        step is Step.REQUEST and "skeleton" in line.lower()
    ):
        step = Step.UNKNOWN  # of a skeleton: opened, loaded or attached
    if step is Step.PIN and not kind and _MOUNT.search(line):
        kind = "mount"
    if kind == "uprobe" and errno is None and (symbol := _NO_SYMBOL.search(line)) is not None:
        kind, target = "user-symbol", symbol[1]
    used = map_use.kind_of(line) if errno is not None else ""
    if used and (map_use.is_said_by_library(line) or _may_be_of_map(step, kind, phrase)):
        step, kind, map_name = Step.REQUEST, used, map_name or map_use.name(line)
    if errno is None and _GOES_ON.search(line):
        step, kind = Step.UNKNOWN, "goes-on"
    if kind == "type-kind":
        errno = None  # "Unknown (19)" is a kind of type
    if program.startswith("/"):  # iproute2's "pinned program '/sys/fs/bpf/x'"
        program, target = "", target or program
    probe = next((word.text for word in words if word.what == "probe"), "")
    if probe and not (phrase and phrase.kind) and not kind.endswith(("_events", "event-name")):
        kind = targets.kind_of_probe(probe) or kind
    return Failure(
        said=line,
        who=speaker.who,
        step=step,
        kind=kind,
        target=target,
        program=program,
        map=map_name,
        errno=errno,
        extack=_extack(line, bare=errno is None and kind in _OVER_NETLINK),
    )


def _may_be_of_map(step: Step, kind: str, phrase: Phrase | None) -> bool:
    """Whether a request about a map's elements is what failed: no step of loading is, no kind of program."""
    steps = (Step.REQUEST, Step.UNKNOWN, Step.MAP, Step.READ)
    return step in steps and kind in ("", "removal", "file") and not (phrase and phrase.kind)


def _of_file(
    line: str, call: chain.FileCall, step: Step, kind: str, target: str, errno: int
) -> tuple[Step, str, str]:
    """What a system call on a file failed for: the place says it, where it is one that belongs to a step."""
    place = places.of(call.path)
    if place is None:
        is_step = step in (Step.ATTACH, Step.RELOCATE, Step.PIN)
        return (step, kind, target or call.path) if is_step else (Step.REQUEST, "file", call.path)
    if place[1].endswith("_events"):
        if call.name == "write" and errno in _OF_EVENTS:  # the file is there
            kind = "event-name" if _LONG_EVENT.search(line) else place[1].removesuffix("_events")
            return place[0], kind, target
        return *place, target
    return *place, call.path


def _is_removal(words: list[Word], links: list[chain.Link]) -> bool:
    """Whether the innermost link with a verb is about taking something away."""
    for link in reversed(links):
        inside = [word for word in _inside(words, link) if word.what == "failed" or word.what in _STEPS]
        if verbs := _verbs(inside):  # "hook destroy failed", "failed to destroy the hook"
            return verbs[-1 if inside[-1].what == "failed" else 0] == "remove"
    return False


def _step(words: list[Word], links: list[chain.Link]) -> Step:
    """What was being done: the verb of the innermost link that has a strong one, else of one with any."""
    is_of_map = _is_of_map(words)
    by_link = [_verbs(_inside(words, link)) for link in reversed(links) if not _is_call(link)]
    for weak in (False, True):
        for verbs in by_link:
            if "create" in verbs and any(word.what == "map" for word in words):
                return Step.MAP
            strong = [verb for verb in verbs if weak or verb not in _WEAK]
            if strong:
                return Step.MAP if strong[0] == "program_load" and is_of_map else _STEPS[strong[0]]
    return Step.UNKNOWN


def _verbs(words: list[Word]) -> list[str]:
    """The verbs of a link: those after its last word of failure, else all."""
    last = max((at for at, word in enumerate(words) if word.what == "failed"), default=-1)
    verbs = [word.what for word in words[last + 1 :] if word.what in _STEPS]
    return verbs or [word.what for word in words if word.what in _STEPS]


def _is_call(link: chain.Link) -> bool:
    """Whether a link is nothing but a system call on a file: its verb is no step."""
    return link.file_call is not None and link.file_call.alone


def _inside(words: list[Word], link: chain.Link) -> list[Word]:
    return [word for word in words if link.start <= word.at < link.end]


def _is_of_map(words: list[Word]) -> bool:
    """Whether a map is all that the line names: "error while loading map "x"", as in gobpf and redbpf."""
    names = [word.what for word in words if word.what in ("map", "program")]
    return names[:1] == ["map"] and "program" not in names


def _kind(words: list[Word], links: list[chain.Link]) -> str:
    """What the step is about: the first kind that the innermost link names, vague ones after all others."""
    by_link = [[word.what for word in _inside(words, link) if word.what in KINDS] for link in reversed(links)]
    kinds = [kind for inside in by_link for kind in inside]
    files = [kind for kind in kinds if kind.endswith("_events")]  # "start kprobe: open kprobe_events"
    return next((kind for kind in files + kinds if kind not in _VAGUE), kinds[0] if kinds else "")


_EXTACK = later(
    r"[Kk]ernel error message: (.{4,200}?)\.?$|^(?=.{0,200}\bnetlink\b).*\bmessage: \"(.{4,200}?)\""
)
_BARE = later(r"^Error: ([^:]{2,40}: .{4,200}?)\.?$")  # as ip and tc print a driver's words


def _extack(line: str, *, bare: bool) -> str:
    found = _EXTACK.search(line) or (_BARE.search(line) if bare else None)
    return next(filter(None, found.groups()), "") if found else ""


@lru_cache(maxsize=512)
def is_summary(said: str) -> bool:
    """Whether a loader's line only repeats that something failed."""
    lower = said.lower()
    return _RESULT in lower or any(
        words in lower for loader in LOADERS for words in loader.summaries if loader.speaks(said)
    )


def says_loaded(line: str) -> bool:
    """Whether a loader says with this line that the program is loaded or attached."""
    return line.startswith(_FINE)


@lru_cache(maxsize=512)
def is_harmless(said: str) -> bool:
    """Whether loaders go on after what this line refuses."""
    lower = said.lower()
    return _GOES_ON.search(said) is not None or any(
        words in lower for loader in LOADERS for words in loader.harmless if loader.speaks(said)
    )
