"""Reads what loaders say: libbpf, bpftool, veristat, BCC, bpftrace, cilium/ebpf, aya, tc, ip, systemd.

Most of it frames a verifier log or repeats that something failed. What is left is an error of the loader's
own: a map that could not be created, a function nobody defined, a section libbpf does not know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from functools import cache, lru_cache
from typing import Any, cast

from bpfdoctor import grammar
from bpfdoctor.kernel import types
from bpfdoctor.log.wrappers.error_numbers import number
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.parser import ParseError, Token
from bpfdoctor.pattern import later


class LoaderRole(Enum):
    """What a loader's line does for the reader."""

    BEGIN = auto()  # the next line is the first of a verifier log
    END = auto()  # the verifier log is over
    FAILED = auto()  # a program was refused; a log may follow
    POST = auto()  # a program was refused; its log came before
    ERROR = auto()  # the loader's own error
    WARNING = auto()  # the loader went on
    HINT = auto()  # advice, often misleading
    SUMMARY = auto()  # says again that something above failed
    CLOSING = auto()  # the last line of a loader
    OPTIONAL = auto()  # what was refused was not needed
    OMITTED = auto()  # lines of the log were left out here
    TYPE = auto()  # names the program's type
    NOISE = auto()


@dataclass(frozen=True, slots=True)
class LoaderLine:
    """One line of a loader; `text` has no prefix of the tool's."""

    role: LoaderRole
    text: str
    program: str | None = None
    program_type: str | None = None
    errno: int | None = None
    loads: bool | None = None  # veristat's verdict
    weak: bool = False  # any program prints its errors like this
    log_follows: bool = False  # with the next line, without a BEGIN
    is_hint: bool = False  # besides


# The debug output of libbpf and what else stands around errors: dropped before any parsing.
NOISE: tuple[tuple[str, str], ...] = (
    (r"libbpf: *$", "libbpf: "),
    (r"libbpf: loading ", "libbpf: loading object from prog.o"),
    (
        r"libbpf: elf: (?:section\(|skipping )",
        "libbpf: elf: section(12) .BTF, size 163, link 0, flags 0, type=1",
    ),
    (
        r"libbpf: sec '[^']*': (?:found |collecting |relo #\d+: insn)",
        "libbpf: sec 'xdp': found program 'one'",
    ),
    (
        r"libbpf: (?:license of|kernel version of|looking for externs|collected \d+ ext)",
        "libbpf: license of x is GPL",
    ),
    (
        r"libbpf: (?:loaded kernel BTF|CO-RE relocating|pinned |BTF debug)",
        "libbpf: loaded kernel BTF from 'x'",
    ),
    (r"libbpf: map (?:\d+ is|'[^']*' \(global data\))", 'libbpf: map 0 is ".rodata"'),
    (
        r"libbpf: map '[^']*': (?:at sec|found |created success|setting size|skipped auto|adjust|using)",
        "libbpf: map 'flows': created successfully, fd=4",
    ),
    (
        r"libbpf: prog '[^']*': (?:found (?:map|data)|added \d|sec '|insn #\d+ reloc"
        r"|relo #\d+: (?:<\w+> \[|(?:no[n ]-?)?matching|patched|substituting|kind|insn #\d+ against))",
        "libbpf: prog 'one': relo #0: patched insn #0 (LDX/ST/STX) off 0 -> 0",
    ),
    (
        r"libbpf: object '[^']*': failed \(-\d+\) to create BPF token",
        "libbpf: object 'x': failed (-95) to create BPF token",
    ),
    (
        r"libbpf: extern (?:#\d|\(\w+\) .{1,200}(?:resolved to|set to) )",
        "libbpf: extern (ksym) 'x': resolved to 0x1",
    ),
    (r"libbpf: supported (?:section|attach)", "libbpf: supported section(type) names are: socket kprobe/"),
    (r"libbpf: (?:struct_ops \S+: member \S+ not found|Kernel doesn't|hint: )", "libbpf: hint: x"),
    # It goes on; since Linux 5.11 there is no such limit for BPF.
    (
        r"ERROR: .{0,40}couldn't set RLIMIT",
        "ERROR: Unknown error -1: couldn't set RLIMIT_MEMLOCK for bpftrace.",
    ),
    (r"HINT: ", "HINT: The 'map_value_or_null' error can happen if …"),
    (r"Traceback \(most recent|  File \"|thread '", "Traceback (most recent call last):"),
    (r"Warning: ", "Warning: bpftool is now running in libbpf strict mode"),
    (r"WARNING: (?!.*libbpf: |Kernel log)", "WARNING: Addrspace is not set"),
    (r"Caused by:", "Caused by:"),
    (r" *File {2,}Program {2,}Verdict", "File         Program                  Verdict  Duration (us)"),
    (r" - (?:Instructions|License|Attach Type): ", " - License:      GPL"),
)


@cache
def _noise(of_libbpf: bool) -> re.Pattern[str]:
    """All of NOISE that libbpf says, or all of the others; together they are slow to compile."""
    begin = "libbpf:"
    return re.compile(
        "|".join(f"(?:{pattern})" for pattern, _ in NOISE if pattern.startswith(begin) is of_libbpf)
    )


def _is_noise(line: str) -> bool:
    return _noise(line.startswith("libbpf:")).match(line) is not None


# A line of libbpf's that none of the rules know is an error only if it says that something is wrong.
_WRONG = (
    r"(?i:fail|error|invalid|\bcan'?t|cannot|couldn't|\bnot\b|n't\b|unable|unsupported|missing|malformed|unknown"
    r"|unrecogni|unexpected|\bbad\b|incorrect|corrupt|mismatch|ambigu|conflict|incompatible|exceed"
    r"|too (?:big|large|small|long|many)|\bno\b|without|duplicate|multiple|already|beyond|empty|overlap"
    r"|inconsistent|denied|ambiguous|needs?\b|must\b|only\b|should\b|require|forgot|clash|loop|zero\b|old\b"
    r"|twice|truncated|crosses|captures|violation|non-|expected|!=|\btry(?:ing)?\b|mutually|supply|cycle"
    r"|unmatched|implies|collision|executable|alignment|\bis 0\b)"
)
# Errors that other lines say better.
_FOLLOWS = later(
    r"Skeleton|failed to (?:open|load)(?: and (?:load|verify))?"
    r" (?:BPF )?(?:skeleton|object)$|exit status",
    re.IGNORECASE,
)

_AYA_CHAIN = later(r"^(?:\d+: )?(?:BTF|map|program) error: ")


@lru_cache(maxsize=1024)  # loaders repeat themselves
def parse(text: str) -> LoaderLine | None:
    """What a loader says in one line; None when no grammar knows the line. Never raises."""
    line = text[:2048].rstrip()
    if _is_noise(line) or _is_noise(line.lstrip()):
        return LoaderLine(LoaderRole.NOISE, line.strip())
    speaker, said = _speaker(line.strip())
    if speaker == "libbpf" and _is_noise(f"libbpf: {said}"):
        return LoaderLine(LoaderRole.NOISE, said)
    try:
        parsed = cast(LoaderLine, grammar.parser("loader", speaker, _ToLine).parse(said))
    except ParseError:
        return None
    if speaker == "libbpf" and parsed.role is LoaderRole.ERROR and not re.search(_WRONG, parsed.text):
        return replace(parsed, role=LoaderRole.NOISE)
    return parsed


# Who speaks, where the first word tells: the start of the grammar that is enough for the line.
_SPEAKERS = (
    ("-- ", "frame"),
    ("prog '", "libbpf"),
    ("bpf:", "bcc"),
    ("Exception:", "bcc"),
    ("Prog section '", "iproute"),
    ("- Type:", "iproute"),
    ("Verifier analysis:", "iproute"),
    ("ERROR:", "bpftrace"),
    ("Error loading program:", "bpftrace"),
    ("The verifier log:", "bpftrace"),
    ("Bytecode:", "bpftrace"),
    ("PROCESSING ", "veristat"),
)
_SPEAKS_INSIDE = (
    ("Verifier output:", "rust"),
    ("(os error ", "rust"),
    ("load program: ", "go"),
    ("map create: ", "go"),
)


def _speaker(line: str) -> tuple[str, str]:
    at = line.find("libbpf: ", 0, 100)
    if at >= 0:
        return "libbpf", line[at + len("libbpf: ") :].strip()
    for word, name in _SPEAKERS:
        if line.startswith(word):
            return name, line
    for word, name in _SPEAKS_INSIDE:
        if word in line:
            return name, line
    return ("bpftool" if line.startswith("Error:") else "start"), line


def _joined(children: Sequence[Any]) -> str:
    """The words of the children as they stood in the line."""
    return re.sub(r" (?=[:;,]|\.(?:\s|$))", "", " ".join(str(child) for child in children if child)).strip()


class _ToLine:
    """Builds the LoaderLine while a line is parsed."""

    def failed(self, children: list[Token]) -> LoaderLine:
        name, why = str(children[0]), str(children[-1])
        return LoaderLine(LoaderRole.FAILED, why, program=name, errno=number(why))

    def failed_after(self, children: list[Token]) -> LoaderLine:
        return replace(self.failed(children), role=LoaderRole.POST)

    def refused(self, children: list[Token]) -> LoaderLine:
        return LoaderLine(LoaderRole.FAILED, _joined(children), errno=number(children[-1]))

    def log_follows(self, children: list[Token]) -> LoaderLine:
        return replace(self.refused(children), log_follows=True)

    def post(self, children: list[Token]) -> LoaderLine:
        return LoaderLine(LoaderRole.POST, _joined(children), errno=number(children[-1]))

    def bpf(self, children: list[Token]) -> LoaderLine:
        """Until 2016 BCC said no more than `bpf: Permission denied`."""
        why = str(children[0])
        return self.log_follows(children) if number(why) else LoaderLine(LoaderRole.ERROR, why)

    def named(self, children: list[Token | None]) -> LoaderLine:
        name = str(children[0]) if len(children) == 1 else str(children[1])
        return LoaderLine(LoaderRole.POST, _joined(children), program=name.rstrip("."))

    def summary(self, children: list[Token | None]) -> LoaderLine:
        words = _joined(children)
        return LoaderLine(LoaderRole.SUMMARY, words, errno=number(words))

    def closing(self, children: list[Token | None]) -> LoaderLine:
        return LoaderLine(LoaderRole.CLOSING, _joined(children))

    def about(self, children: list[Token | None]) -> LoaderLine:
        words = _joined(children[1:])
        return LoaderLine(LoaderRole.SUMMARY, words, program=str(children[0]), errno=number(words))

    def error(self, children: list[Token]) -> LoaderLine:
        said = _AYA_CHAIN.sub("", str(children[-1]), count=1)
        role = LoaderRole.SUMMARY if _FOLLOWS.search(said) else LoaderRole.ERROR
        return LoaderLine(role, said, errno=number(said))

    def weak_error(self, children: list[Token]) -> LoaderLine:
        said = self.error(children)
        return replace(said, weak="super-user privileges" not in said.text)

    def error_in(self, children: list[Token]) -> LoaderLine:
        name, said = map(str, children)
        role = LoaderRole.SUMMARY if _FOLLOWS.search(said) else LoaderRole.ERROR
        return LoaderLine(role, f"prog '{name}': {said}", program=name, errno=number(said))

    def map_error(self, children: list[Token]) -> LoaderLine:
        return LoaderLine(
            LoaderRole.ERROR, f"Map object '{children[0]}' {children[1]}", errno=number(children[1])
        )

    def btf_error(self, children: list[Token]) -> LoaderLine:
        said = f"BTF debug data section '{children[0]}' {children[1]}"
        return LoaderLine(LoaderRole.ERROR, said, errno=number(children[1]))

    def warning(self, children: list[Token | None]) -> LoaderLine:
        return LoaderLine(LoaderRole.WARNING, _joined(children))

    def optional(self, children: list[Token]) -> LoaderLine:
        return LoaderLine(LoaderRole.OPTIONAL, str(children[0]))

    def hint(self, children: list[Token | None]) -> LoaderLine:
        return LoaderLine(LoaderRole.HINT, _joined(children))

    def begin(self, children: list[Token]) -> LoaderLine:
        return LoaderLine(LoaderRole.BEGIN, "".join(map(str, children)))

    def begin_in(self, children: list[Token]) -> LoaderLine:
        return LoaderLine(LoaderRole.BEGIN, str(children[-1]), program=str(children[0]))

    def end(self, children: list[Token]) -> LoaderLine:
        return LoaderLine(LoaderRole.END, str(children[0]))

    def trimmed(self, children: list[Token]) -> LoaderLine:
        return LoaderLine(LoaderRole.OMITTED, str(children[0]))

    def omitted(self, children: list[Token]) -> LoaderLine:
        return LoaderLine(LoaderRole.OMITTED, str(children[0]))

    def program_type(self, children: list[Token]) -> LoaderLine:
        kind = int(children[0])
        known = next((each.name for each in types.programs().values() if each.id == kind), None)
        return LoaderLine(LoaderRole.TYPE, str(children[0]), program_type=known)

    def veristat(self, children: list[Token]) -> LoaderLine:
        _, _, program = str(children[0]).rpartition("/")
        return LoaderLine(
            LoaderRole.BEGIN, str(children[-1]), program=program, loads=children[-1] == "success"
        )

    def go_load(self, children: list[Token | None]) -> LoaderLine:
        chain, why = children
        said = str(why)
        program = _program_in(chain)
        return LoaderLine(
            LoaderRole.FAILED,
            f"load program: {said}",
            program=program,
            errno=number(said),
            log_follows=True,
            is_hint="MEMLOCK" in said,
        )

    def go_error(self, children: list[Token | None]) -> LoaderLine:
        chain, step, why = children
        said = f"{step} {why}"
        return LoaderLine(LoaderRole.ERROR, said, program=_program_in(chain), errno=number(str(why)))

    def goebpf(self, children: list[Token]) -> LoaderLine:
        call, why = children
        return LoaderLine(LoaderRole.ERROR, f"{call[call.rindex('ebpf_') :]} {why}", errno=number(why))

    def go_old(self, children: list[Token]) -> LoaderLine:
        return LoaderLine(
            LoaderRole.BEGIN, str(children[1]), program=str(children[0]), errno=number(children[1])
        )

    def rust_begin(self, children: list[Token | None]) -> LoaderLine:
        said = _joined(children)
        return LoaderLine(LoaderRole.BEGIN, said, errno=number(said), loads=False)

    def os_error(self, children: list[Token]) -> LoaderLine:
        return LoaderLine(LoaderRole.POST, str(children[0]), errno=number(children[0]), weak=True)


def _program_in(chain: Token | None) -> str | None:
    found = re.findall(r"\bprogram ([\w.]{1,128})", str(chain or ""))
    return found[-1] if found else None
