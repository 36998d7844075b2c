"""Takes a loader's line apart: who speaks, at which step, about which target, with which error."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from bpfdoctor import grammar
from bpfdoctor.log.wrappers import chain, error_numbers, strace
from bpfdoctor.log.wrappers.anybody import BY_NAME, CRASHED, ROOT
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
from bpfdoctor.model.failure import Failure, Step
from bpfdoctor.parser import ParseError, Tree
from bpfdoctor.pattern import later

# Those whose lines look like no other's come first.
LOADERS = (
    LIBBPF,
    LIBXDP,
    XDP_TOOLS,
    FALCO,
    IPROUTE,
    BCC,
    BPFTRACE,
    SYSTEMD,
    AYA,
    CILIUM,
    BPFTOOL,
    LIBBPF_RS,
    SCX,
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
}
_KINDS = frozenset(
    (
        "kprobe_multi",
        "kprobe_events",
        "uprobe_events",
        "kprobe",
        "uprobe",
        "usdt",
        "raw_tracepoint",
        "tracepoint",
        "fentry",
        "lsm",
        "perf_event",
        "xdp",
        "tcx",
        "netkit",
        "tc",
        "cgroup",
        "struct_ops",
        "sockmap",
        "netfilter",
        "netns",
        "iter",
        "freplace",
        "ring_buffer",
        "perf_buffer",
        "kernel_btf",
        "token",
        "rlimit",
        "netlink",
    )
)
_BUFFERS = ("ring_buffer", "perf_buffer")
_ATTACHED = _KINDS.difference(
    _BUFFERS, ("struct_ops", "kernel_btf", "token", "iter", "cgroup", "rlimit", "netlink")
)
# "kprobe perf_event_open() failed" is about a kprobe.
_VAGUE = ("perf_event", "kernel_btf", "netlink")
_WEAK = ("create", "request", "read")
_LONGEST = 2000
_OF_FILES = (1, 2, 13)  # EPERM, ENOENT, EACCES
_BPFFS = "/sys/fs/bpf/"
_BPF = later(r"e?bpf|\bbtf\b|\bxdp\b|[ku]probe|struct_ops|sched_ext|\bskeleton\b", re.IGNORECASE)
# "attaching kprobe sys_foo: …", as Go's chains have it; "to kprobe sys_foo", as BCC for Python 2 had it
_NAMED_PROBE = later(
    r"\b(?:(?:kprobe|kretprobe|uprobe|uretprobe|tracepoint|fentry|fexit|lsm):? |func(?:tion)?=)"
    r"(?!perf|event|multi|link|program|via|type)([A-Za-z_][\w.]{2,100})(?=: |, it's not |$)"
)
_PROBE = later(r"(?:k|u)(?:ret)?probe:|(?:raw)?tracepoint:|fentry:|fexit:|kfunc:|kretfunc:|[kut]r?:")
# Sentences whose quotes are no names.
_ASIDES = ('(either non-existing, inlined, or marked as "notrace")',)
_MAKE = later(r"(?:make(?:\[\d{1,3}\])?|gmake|ninja): ")  # it says what a tool returned
_PLACE = later(r"[\w./-]{1,200}:\d{1,6}:\d{1,6}(?:-\d{1,6})?: (?=ERROR: )")
_THREAD = later(r"^thread '[^']{1,100}' panicked at ")  # the thread is no target
_CODE = ("raise ", "self.", "lib.")  # of a traceback: what stands in quotes there was not printed
_LIBRARIES = ("libbpf: ", "libxdp: ")  # what stands before these in a line was the program's that uses them
_LIBBPF_STEP = {4001: Step.OPEN, 4007: Step.LOAD, 4008: Step.LOAD, 4009: Step.LOAD, 4010: Step.LOAD}
_OPENED = later(r"\bto open (?:object file:? )?'?([\w./+-]{1,200}\.(?:o|elf|skel|bpf))\b(?=['\s:]|$)")
# Go: "open prog.o: no such file or directory", "stat …", "read …"
_NO_OBJECT = later(r"\b(?:open|stat|read) (/?[\w./+-]{1,200}\.(?:o|elf|bpf)): ")
_NAME_FIELD = later(r"\bname: [\"']([\w.-]{1,64})[\"']")  # of a Rust or libbpf value
# "attach XDP to eth0": names of devices end in a number, words do not
_ON_DEVICE = later(r"(?i:\bxdp\b[\w ]{0,30}? (?:to|on) )([a-z][\w.-]{0,13}\d[\w.@-]{0,5}|lo)\b(?!:)")
_LOADED_NAME = later(r"\bfailed to load ([a-z]\w{0,60}_\w{1,60})(?=[,:])")
_CREATED_MAP = later(
    r"\bcreat(?:e|ing) (?:the |a )?(?:e?bpf )?map [`'\"]?([A-Za-z_.][\w.]{1,60})[`'\"]?(?=: |$| \()",
    re.IGNORECASE,
)
_EVENT_FILE = later(r"/events/(\w+/\w+)(?:/id)?$")
_CALL = later(r"^[`'\"](?:bpf|perf)_\w+[`'\"]$|::|^`\w+::|Result::")  # quoted, and no target
_COMMAND = later(r"\[[^\[\]\n]{0,40}/[\w./-]{1,200} [^\[\]\n]{1,600}\]")
_LONGEST_NAME = 100
_WORDS_OF_A_COMMAND = 3
_QUOTES = "'\"`"


class Word(NamedTuple):
    """One word of a line that says something: what it is (an alias of the grammar's), and the text."""

    what: str
    text: str
    at: int


def words_of(line: str) -> list[Word]:
    """The words of `line` that say something, in order."""
    try:
        parsed = grammar.parser("failure").parse(line)
    except ParseError:
        return []
    return [
        Word(str(part.data), str(part.children[0]), getattr(part.children[0], "start_pos", None) or 0)
        for part in parsed.children
        if isinstance(part, Tree)
    ]


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
    if (place := _PLACE.match(line)) is not None:  # of bpftrace, in its script
        line, speaker = line[place.end() :], BPFTRACE
    else:
        speaker = next((loader for loader in LOADERS if loader.speaks(line)), ANYBODY)
    lower = line.lower()
    phrase = next((each for each in speaker.phrases if each.words in lower), None)
    errno = error_numbers.find(line, failed=False)
    told = next((line[at:] for at in map(line.find, _LIBRARIES) if at > 0), line)
    told = error_numbers.without(error_numbers.up_to_hint(told))
    for aside in _ASIDES:
        told = told.replace(aside, "")
    told = _THREAD.sub("panicked at ", told)
    if errno is None and phrase is None and not grammar.parser("failure").may_find("FAILED", told):
        return None  # most lines of a long text: taking them apart is the larger part of the work
    words = words_of(told)
    failed = any(word.what == "failed" for word in words)
    if errno is None and (failed or phrase is not None):
        errno = error_numbers.find(line)
    if not failed and errno is None and phrase is None:
        return None
    if alone and not _is_enough(line, speaker, words, errno, failed):
        return None
    return _failure(line, speaker, phrase, words, errno, chain.links(told))


def _is_enough(line: str, speaker: Loader, words: list[Word], errno: int | None, failed: bool) -> bool:
    if speaker is not ANYBODY:
        return True
    return (failed or errno is not None) and (
        _BPF.search(line) is not None
        or any(word.what in _KINDS for word in words)
        or (errno is not None and _is_of_map(words))
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
    if phrase is not None and errno not in _LIBBPF_STEP:
        step = phrase.step if phrase.step is not Step.UNKNOWN else step
        kind = phrase.kind or kind
        errno = errno if errno is not None else phrase.errno
    if step is Step.UNKNOWN:
        step = speaker.step
    if kind == "rlimit":
        step = Step.MAP
    if kind == "netlink" and step in (Step.OPEN, Step.UNKNOWN):
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
    program, map_name = _named(words, "program"), _named(words, "map")
    if not program and (loaded := _LOADED_NAME.search(line)) is not None:
        program = loaded[1]
    if not map_name and (created := _CREATED_MAP.search(line)) is not None:
        map_name = created[1]
    target = _target(line, words, phrase)
    if (file := _NO_OBJECT.search(line)) is not None and errno in _OF_FILES:
        step, target, kind = Step.OPEN, file[1], ""
    if target == program and kind != "program-missing":
        target = ""
    if kind in ("crash", "killed") or (step is Step.REQUEST and "skeleton" in line.lower()):
        step = Step.UNKNOWN  # of a skeleton: opened, loaded or attached
    if kind == "type-kind":
        errno = None  # "Unknown (19)" is a kind of type
    if program.startswith("/"):  # iproute2's "pinned program '/sys/fs/bpf/x'"
        program, target = "", target or program
    if target.startswith(_BPFFS) and step in (Step.OPEN, Step.REQUEST, Step.UNKNOWN):
        step = Step.PIN
    probe = next((word.text for word in words if word.what == "probe"), "")
    if probe and not (phrase and phrase.kind) and not kind.endswith("_events"):
        kind = _kind_of_probe(probe) or kind
    return Failure(
        said=line,
        who=speaker.who,
        step=step,
        kind=kind,
        target=target,
        program=program,
        map=map_name,
        errno=errno,
        extack=_extack(line),
    )


def _step(words: list[Word], links: list[chain.Link]) -> Step:
    """What was being done: the verb of the innermost link that has a strong one, else of one with any."""
    is_of_map = _is_of_map(words)
    by_link = [_verbs(_inside(words, link)) for link in reversed(links) if not link.is_file_call]
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


def _inside(words: list[Word], link: chain.Link) -> list[Word]:
    return [word for word in words if link.start <= word.at < link.end]


def _is_of_map(words: list[Word]) -> bool:
    """Whether a map is all that the line names: "error while loading map "x"", as in gobpf and redbpf."""
    names = [word.what for word in words if word.what in ("map", "program")]
    return names[:1] == ["map"] and "program" not in names


def _kind(words: list[Word], links: list[chain.Link]) -> str:
    """What the step is about: the first kind that the innermost link names, vague ones after all others."""
    by_link = [
        [word.what for word in _inside(words, link) if word.what in _KINDS] for link in reversed(links)
    ]
    kinds = [kind for inside in by_link for kind in inside]
    files = [kind for kind in kinds if kind.endswith("_events")]  # "start kprobe: open kprobe_events"
    return next((kind for kind in files + kinds if kind not in _VAGUE), kinds[0] if kinds else "")


def _kind_of_probe(probe: str) -> str:
    word = re.split("[:/]", probe, maxsplit=1)[0]
    found = [each.what for each in words_of(word) if each.what in _KINDS]
    return found[0] if found else {"tp": "tracepoint", "rawtracepoint": "raw_tracepoint"}.get(word, "")


def _named(words: list[Word], what: str) -> str:
    found = next((word.text for word in words if word.what == what), "")
    return _bare(re.split("[ =]", found, maxsplit=1)[-1]) if found else ""


def _bare(text: str) -> str:
    for word in ("prog", "program", "map"):
        text = text.removeprefix(f"{word} ").removeprefix(f"{word}: ")
    text = text.strip()
    if text[:2] in ("b'", 'b"'):
        text = text[1:]
    return text.strip(_QUOTES)


def _target(line: str, words: list[Word], phrase: Phrase | None) -> str:
    if phrase is not None and phrase.names_target:
        behind = line[line.lower().index(phrase.words) + len(phrase.words) :].split()
        if behind:
            return _bare(behind[0].rstrip(":,"))
    for what in ("probe", "device"):
        if (found := next((word.text for word in words if word.what == what), "")) and what == "probe":
            return re.split("[:/]", found, maxsplit=1)[1].rstrip(":")
        if found:
            name, _, value = found.replace("=", " ").replace(":", " ").partition(" ")
            value = _bare(value.strip())
            return f"ifindex {value}" if name.lower() == "ifindex" else value
    if (device := _ON_DEVICE.search(line)) is not None:
        return device[1]
    if (opened := _OPENED.search(line)) is not None:
        return opened[1]
    if (named := _NAMED_PROBE.search(line) or _NAME_FIELD.search(line)) is not None:
        return named[1]
    names = _without_commands(line, words)
    quoted = [at for at, word in enumerate(words) if word in names and not _CALL.search(word.text)]
    behind_kind = [at for at in quoted if at and words[at - 1].what in _KINDS]
    found = _bare(words[(behind_kind or quoted)[0]].text) if quoted else ""
    if len(found) > _LONGEST_NAME:
        found = "…" + found[-_LONGEST_NAME:]  # a path's end says more
    if probe := _PROBE.match(found):
        found = found[probe.end() :]
    event = _EVENT_FILE.search(found)
    return event[1] if event else found.removesuffix("+0x0")


def _without_commands(line: str, words: list[Word]) -> list[Word]:
    """The quoted words and paths that are no command line, nor part of one: `[/bin/sh -c …]`."""
    commands = " ".join(_COMMAND.findall(line))
    names = [word for word in words if word.what in ("quoted", "path") and word.text not in commands]
    return [word for word in names if word.text.count(" ") < _WORDS_OF_A_COMMAND]


_EXTACK = later(r"(?:[Kk]ernel error message: |^Error: |RTNETLINK answers: )(.{4,200}?)\.?$")


def _extack(line: str) -> str:
    found = _EXTACK.search(line)
    return found[1] if found and "Kernel error message" in line else ""


@lru_cache(maxsize=512)
def is_summary(said: str) -> bool:
    """Whether a loader's line only repeats that something failed."""
    lower = said.lower()
    return any(words in lower for loader in LOADERS for words in loader.summaries if loader.speaks(said))


def says_loaded(line: str) -> bool:
    """Whether a loader says with this line that the program is loaded or attached."""
    return line.startswith(_FINE)


@lru_cache(maxsize=512)
def is_harmless(said: str) -> bool:
    """Whether loaders go on after what this line refuses."""
    lower = said.lower()
    return any(words in lower for loader in LOADERS for words in loader.harmless if loader.speaks(said))
