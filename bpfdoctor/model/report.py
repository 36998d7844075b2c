"""What capture hands over: bytes as somebody printed them, and where they came from."""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from enum import StrEnum

from bpfdoctor.model.record import dataclass, field, replace

Buffer = bytes | mmap.mmap


class Flavour(StrEnum):
    """What kind of input the user gave."""

    BCC = "bcc"  # BCC's C: BPF_HASH(…), no SEC(…)
    LIBBPF = "libbpf"  # C with SEC(…)
    PYTHON = "bcc-python"  # a Python tool with BPF(text=…)
    OBJECT = "object"  # an ELF object
    LOG = "log"  # text that somebody pasted

    @property
    def is_bcc(self) -> bool:
        """Whether BCC compiles it, as C or out of a Python tool."""
        return self in (Flavour.BCC, Flavour.PYTHON)


class Verdict(StrEnum):
    """What became of one program."""

    LOADS = "loads"
    REFUSED = "refused"  # by the verifier
    NOT_COMPILED = "not-compiled"
    NOT_LOADED = "not-loaded"  # map or BTF creation, permission, libbpf
    NOT_ASKED = "not-asked"  # --no-load: it compiles, and no kernel was asked
    NO_ANSWER = "no-answer"  # somebody was asked, and no answer came
    NO_COMPLAINT = "no-complaint"  # a verifier's log that ends well; no loader says what came of it
    UNKNOWN = "unknown"  # a text in which nothing can be read about a program


#: Of the whole file, before a verifier saw any of its programs.
OF_FILE = (Verdict.NOT_COMPILED, Verdict.NOT_LOADED)
#: What patches may help.
MENDABLE = (Verdict.REFUSED, *OF_FILE)


class Stage(StrEnum):
    """Who printed the bytes."""

    COMPILER = "compiler"
    LOADER = "loader"
    VERIFIER = "verifier"
    PASTE = "paste"  # a text that may hold any of the three


@dataclass(frozen=True, slots=True)
class Kernel:
    """The kernel that gave the verdict. `release` as in `uname -r`."""

    release: str
    capabilities: str = "full"  # full | no-perfmon | bpf+net | unprivileged


@dataclass(frozen=True, slots=True)
class Program:
    """One BPF program. `type` is the kernel's name in lower case (xdp, kprobe, sched_cls …)."""

    name: str | None = None
    type: str | None = None
    section: str | None = None
    assumed: str | None = None  # a sentence, when the type was guessed from the name


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the user's, as text. `path` is what the user typed or what the log prints."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """From byte column `column` of a line on, what the user wrote at line:start..end_line:end (in bytes).

    `exact`: letter for letter; else all of it stands for one expression of the user's. `start` is 0 where
    only the line is known.
    """

    column: int
    line: int
    start: int
    end_line: int
    end: int
    exact: bool

    def says_as(self, other: Piece) -> bool:
        """Whether both come from the same expression."""
        return replace(other, column=self.column) == self


@dataclass(frozen=True, slots=True)
class LineMap:
    """Maps lines of a text the compiler saw to the user's lines (1-based; absent = no such line).

    `file` is the name that the compiler prints for the rewritten text (`/virtual/main.c`, `main.c`).
    `user_file` is the user's file. `pieces`: for a line, the pieces it consists of, in order. `since`: the
    offset in the report's data from which on the name means this text.
    """

    file: str
    user_file: str
    lines: Mapping[int, int]
    pieces: Mapping[int, tuple[Piece, ...]] = field(default_factory=dict)
    since: int = 0


@dataclass(frozen=True, slots=True)
class Stats:
    """What the verifier counted (bpfdoctor/statistics.py reads it); None where it was not printed."""

    processed: int | None = None  # instructions, on all paths that were walked
    limit: int | None = None
    states: int | None = None  # that were kept, in all
    peak_states: int | None = None  # and at once
    max_states_per_insn: int | None = None
    usec: int | None = None  # of verification: no two runs have the same
    stack_depth: tuple[int, ...] = ()  # bytes of each function that has a frame of its own: "8+16"
    stack_max: int | None = None  # of the deepest chain of calls: only 7.3 says it

    @property
    def stack(self) -> int | None:
        """The bytes of all functions together, as veristat counts them: no chain of calls needs more."""
        return sum(self.stack_depth) if self.stack_depth else self.stack_max


@dataclass(frozen=True, slots=True)
class RawReport:
    """Bytes and where they came from. Never edited; byte offsets stay valid for ever.

    `data` is text that has to be read to find out whose it is and what it is about. `log` is a verifier's log
    alone, from who asked the kernel: of `program`, with `verdict` and `errno`, and nothing around it.
    """

    data: Buffer
    source: str  # what the user named: "pkt.bpf.c", "log.txt", "-"
    flavour: Flavour
    stage: Stage
    verdict: Verdict = Verdict.UNKNOWN
    program: Program | None = None
    kernel: Kernel | None = None
    compiler: str | None = None  # "clang 14.0.6", "bcc 0.26.0"
    errno: int | None = None  # positive, as in errno.h
    stats: Stats = field(default_factory=Stats)
    files: tuple[SourceFile, ...] = ()
    object: bytes | None = None  # the ELF object, for BTF
    line_maps: tuple[LineMap, ...] = ()
    compile_command: tuple[str, ...] = ()  # the clang that compiled it and its flags, without files
    compiler_said: bytes = b""  # about a program that it compiled: its warnings
    notes: tuple[str, ...] = ()  # sentences the user should read (what was assumed, what was skipped)
    no_answer: str = ""  # with NO_ANSWER: what came instead of one; continues "no answer: …"
    #: of a BCC program: the calls that load it and all that are loaded with it (bpf_calls)
    recording: bytes | None = None
    settings: tuple[str, ...] = ()  # NAME=VALUE: the shape in which it was loaded
    #: (file, line) that the verifier reached, where that was asked; the file as an offset into .BTF's strings
    verified: tuple[tuple[int, int], ...] = ()
    #: of a load that the kernel refused without a word: capabilities that its type takes, and that it lacked,
    lacks: tuple[str, ...] = ()
    stepped: bool = False  # the answer is to have the refused path, step by step
    bars: str = ""  # and what of this machine can be seen that may forbid it (capture/bars.py)
    log: Buffer | None = None  # b"" where the kernel refused without a word

    @property
    def insns(self) -> int | None:
        """Instructions that the verifier processed."""
        return self.stats.processed


COMPILE_SECONDS = 300  # a large project's source takes two minutes on a small machine


@dataclass(frozen=True, slots=True)
class CaptureOptions:
    """How `check` compiles and loads. Times are seconds, memory is MiB."""

    include_dirs: tuple[str, ...] = ()
    defines: tuple[str, ...] = ()
    cflags: tuple[str, ...] = ()
    clang: str | None = None
    target_arch: str | None = None  # x86, arm64 … as in -D__TARGET_ARCH_<it>
    prog_type: str | None = None  # overrides what the name or SEC says
    programs: tuple[str, ...] = ()  # only these; empty = all
    globals: tuple[str, ...] = ()  # NAME=VALUE: what a loader sets before it loads
    verified_lines: bool = False  # asks which lines the verifier reached
    flavour: Flavour | None = None  # overrides detection
    load: bool = True
    experiments: bool = False  # asks what other compilers, flags and kernels make of what is refused
    recorded: bool = False  # loads go to a recorder, not to the kernel: they need no privilege
    capabilities: str = "full"
    compile_seconds: int = COMPILE_SECONDS
    load_seconds: int = 120
    memory_mib: int = 4096
    #: texts that stand for those of files, by path: a patch is tried without being written
    edited: Mapping[str, str] = field(default_factory=dict)
    stepped: bool = False  # the answer is to have the refused path, step by step
    all_paths: bool = False  # asks for all that the verifier walked, also of programs that load
    environment: Mapping[str, str] = field(default_factory=dict)
