"""Tells what a file is: BCC C, libbpf C, a Python tool with BPF(text=…), a BPF object, or a log."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from bpfdoctor import regular_file, rights
from bpfdoctor.capture import within
from bpfdoctor.capture._limits import MOST_OBJECT, MOST_SOURCE
from bpfdoctor.capture.build_flags import text_of
from bpfdoctor.capture.cscan import FunctionText, functions
from bpfdoctor.formats import elf
from bpfdoctor.formats.c_text import code_only
from bpfdoctor.formats.program_text import BCC_NAMES, OTHER_LANGUAGES, is_log, marks
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import Flavour
from bpfdoctor.pattern import later

_OWN_HEADER = later(r'^[ \t]*#[ \t]*include[ \t]*"(?!vmlinux\.h|bpf/|linux/)', re.M)
_QUOTED = later(r'^[ \t]*#[ \t]*include[ \t]*"(?!vmlinux\.h|bpf/|linux/)([^"\n]{1,200}\.h)"', re.M)
_IN_SECTION = later(r'^[ \t]*SEC\s*\(\s*"(?!license|version|maps|\.)', re.M)
_MOST_HEADERS = 30
_MOST_NAMED = 3  # sections in a sentence
#: how sources for libbpf are called whose programs stand in macros or headers of their project
LIBBPF_NAMES = (".bpf.c", ".ebpf.c")

_BINARIES = {
    b"BC\xc0\xde": ("LLVM bitcode", "Turn it into an object: llc -march=bpf -filetype=obj."),
    b"!<arch>": ("an archive of objects", "Unpack it with ar x, and name one of its objects."),
    b"\x1f\x8b": ("a gzip file", "Unpack it first."),
    b"\xfd7zXZ": ("an xz file", "Unpack it first."),
    b"\x28\xb5\x2f\xfd": ("a zstd file", "Unpack it first."),
    b"\xff\xfe": ("UTF-16 text", "Save it as UTF-8."),
    b"\xfe\xff": ("UTF-16 text", "Save it as UTF-8."),
}


def flavour(path: Path, override: Flavour | None = None) -> Flavour:
    """What kind of input `path` is. Raises Problem for what bpfdoctor cannot check."""
    head = _read(path)
    found = _object(path, head)
    if found:
        if override not in (None, Flavour.OBJECT):
            raise Problem(f"{path} is a compiled object, not {override} source.", "Leave --flavour out.")
        return found
    if override is Flavour.OBJECT:
        raise Problem(f"{path} is not an ELF object.", "Leave --flavour out, and its kind is detected.")
    _no_other_binary(path, head)
    if head.startswith(b"version https://git-lfs"):
        raise Problem(
            f"{path} is a pointer: Git LFS keeps the file elsewhere.",
            "Fetch it: git lfs pull, in its repository.",
        )
    text = head.decode("utf-8", "replace")
    if override:
        return override
    if path.suffix == ".py" or re.match(r"#!.*python", text):
        if re.search(r"\bBPF\s*\(", text):
            return Flavour.PYTHON
        raise Problem(
            f"{path} is a Python file without a BPF(text=…) or BPF(src_file=…).",
            "Name the file that has the BPF program.",
        )
    if re.match(r"#![^\n]{0,100}\b(?:ba|da|k|z)?sh\b", text):
        raise Problem(f"{path} is a shell script, which bpfdoctor does not run.", _started_by(path, text))
    if path.suffix in OTHER_LANGUAGES:
        language, way_out = OTHER_LANGUAGES[path.suffix]
        raise Problem(f"{path} is {language}, which bpfdoctor does not compile.", way_out)
    return _c_or_log(path, text)


def _started_by(path: Path, text: str) -> str:
    """What to name instead of a shell script: the tool beside it that it starts, `$lib/ucalls -l java`."""
    for line in re.findall(r"^[ \t]*(?:exec[ \t]+|sudo[ \t]+)?([^#\s][^\n]{0,400})", text, re.M):
        words = re.sub(r"^\"?(?:\$\{?\w+\}?|\$\(dirname [^\s)]+\)|\.)/", "", line)
        name = words.split()[0].strip("\"'") if words.split() else ""
        started = path.parent / name
        if name and name != path.name and "$" not in name and started.is_file():
            return f"It starts {name}: bpfdoctor check -- {shlex.quote(str(started))}"
    return "Name the BCC tool, the C source or the object that it starts."


_FOR_USERS = later(r"^[ \t]*#[ \t]*include[ \t]*[<\"](?:stdio|stdlib|unistd|bpf/libbpf|libbpf|pcap)\.h", re.M)
# What __attribute__((section("…"))) of a BPF program begins with; others use it for data of their own.
_PROGRAMS_SECTION = later(
    r"(?:[ku](?:ret)?probe|(?:raw_)?(?:tp|tracepoint)|tp_btf|fentry|fexit|fmod_ret|lsm|xdp|tc|classifier|action|"
    r"cgroup|sk_|sock|perf_event|iter|struct_ops|usdt|syscall|lwt_|freplace)(?![A-Za-z])"
)
_NO_PROGRAM = ("license", "version", "maps", ".")  # sections of data: SEC("license"), SEC(".maps")


def is_program(text: str) -> bool:
    """Whether a C file that nobody named is a program to load: not a loader's source, nor maps for others."""
    code = code_only(text)
    if _FOR_USERS.search(text) or re.search(r"\bint\s+main\s*\(", code):
        return False
    for found in re.finditer(r"\b(?:SEC|__section)\s*\(\s*|\bsection\s*\(\s*(?=\")", code):
        section = re.compile(r'"([^"\n]{1,200})"').match(text, found.end())
        if found[0].startswith("section") and not (section and _PROGRAMS_SECTION.match(section[1])):
            continue
        if not (section or code[found.end() : found.end() + 1] == ")") or (
            section and not section[1].startswith(_NO_PROGRAM)
        ):
            return True
    return bool(marks(text, code)[0])


def _read(path: Path) -> bytes:
    """The file's bytes; Problem when there is nothing to read."""
    if os.path.isdir(path):
        raise Problem(
            f"{path} is a directory in which no BPF program was found.",
            "Name a source (.c), a BCC tool (.py) or an object (.o).",
        )
    try:
        head = regular_file.read(within.file_of(path), MOST_OBJECT, first=MOST_SOURCE + 1)
    except FileNotFoundError:
        if set("*?[").isdisjoint(str(path)):
            raise Problem(f"There is no file {path}.", "Check the name.") from None
        where = f"It is looked for from {os.getcwd()}; ** is any number of folders."
        raise Problem(f"No file matches {path}.", where) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        why = f"{reason}{rights.as_whom()}"
        raise Problem(f"{path} cannot be read: {why}.", "Check the name and its permissions.") from None
    if not head:
        raise Problem(f"{path} is empty.", "Name a C file, a BCC Python tool or a BPF object.")
    if len(head) > MOST_SOURCE and not head.startswith(b"\x7fELF"):
        raise Problem(
            f"{path} is larger than {MOST_SOURCE >> 20} MiB: it is not a BPF program.",
            "Is it a log? bpfdoctor log.",
        )
    return head


def _object(path: Path, head: bytes) -> Flavour | None:
    """OBJECT for a BPF ELF object, and a binary with such inside; None for no ELF at all; else Problem."""
    if not head.startswith(b"\x7fELF"):
        return None
    found = elf.kind(head)
    if found is None or len(head) < 64:
        raise Problem(f"{path} is an ELF file that was cut off after {len(head)} bytes.", "Build it again.")
    if elf.is_bpf(head) or within.read(path) is not None:
        return Flavour.OBJECT
    machine = elf.MACHINES.get(found.machine, f"machine {found.machine}")
    if programs := _programs(found, head):
        raise Problem(
            f"{path} was compiled for {machine}, not for BPF: its sections {programs} hold BPF programs.",
            "Compile it again with -target bpf: clang -target bpf -g -O2 -c prog.bpf.c -o prog.bpf.o.",
        )
    raise Problem(
        f"{path} is an ELF file for {machine}, not for BPF, and has no BPF object inside.",
        "Name the object that it loads, or its C source.",
        "Objects are made by clang -target bpf -g -O2 -c.",
    )


def _programs(found: elf.ElfKind, data: bytes) -> str:
    """The sections of an object in which BPF programs belong: it lacks -target bpf. "" for other objects."""
    from bpfdoctor.kernel import sections

    object = elf.Elf.read(data) if found.type == elf.RELOCATABLE else None
    if object is None or not {"license", ".maps", "maps"} & set(object.names):
        return ""
    named = [name for name in dict.fromkeys(object.names) if name and sections.meaning(name)]
    return ", ".join(named[:_MOST_NAMED]) + (" and others" if len(named) > _MOST_NAMED else "")


def _no_other_binary(path: Path, head: bytes) -> None:
    """Problem for anything that is no text."""
    for magic, (what, way_out) in _BINARIES.items():
        if head.startswith(magic):
            raise Problem(f"{path} is {what}.", way_out)
    if b"\0" in head:
        raise Problem(
            f"{path} is a binary file, but no BPF object.",
            "Name a C file, a BCC Python tool, or an object made by clang -target bpf.",
        )
    if not head.strip():
        raise Problem(
            f"{path} holds nothing but blanks.", "Name a C file, a BCC Python tool or a BPF object."
        )


def _c_or_log(path: Path, text: str) -> Flavour:
    """BCC or LIBBPF for C; LOG for a verifier's log; Problem for both styles at once and for neither."""
    code = code_only(text)
    bcc, libbpf = marks(text, code)
    if bcc and libbpf and libbpf[0] == "SEC" and (bcc[0].startswith(BCC_NAMES) or _OWN_HEADER.search(text)):
        return Flavour.LIBBPF  # functions may have any name, and the project's headers any macro
    if bcc and libbpf:
        raise Problem(
            f"{path} is written in two styles: {bcc[0]} on line {bcc[1]} is BCC's, "
            f"{libbpf[0]} on line {libbpf[1]} is libbpf's.",
            "Say which one it is meant for: --flavour bcc or --flavour libbpf.",
        )
    if libbpf or path.name.endswith(LIBBPF_NAMES) or (not bcc and has_programs_in_headers(path, text)):
        return Flavour.LIBBPF
    if bcc or any(_takes_context(function) for function in functions(code)):
        return Flavour.BCC
    if path.suffix in (".log", ".txt") or is_log(text):
        return Flavour.LOG
    if path.suffix in (".c", ".h"):
        raise Problem(
            f"{path} has no BPF program: no function has a SEC(…), none a context parameter as in BCC.",
            'For libbpf put SEC("xdp") or the like before each program.',
            "If the programs come from a macro or another file: --flavour libbpf or --flavour bcc.",
        )
    raise Problem(
        f"{path} is neither C with a BPF program, nor a Python tool, nor a BPF object, nor a verifier log.",
        "Say what it is with --flavour, or give a log to bpfdoctor log.",
    )


def has_programs_in_headers(path: Path, text: str) -> bool:
    """Whether a header that it includes in quotes, or one of that header's, has the programs."""
    if path.suffix != ".c" or _FOR_USERS.search(text):
        return False
    waiting, seen = [(path.parent, text)], set[str]()
    while waiting:
        folder, code = waiting.pop()
        for name in _QUOTED.findall(code):
            header = os.path.normpath(folder / name)
            if header in seen or len(seen) >= _MOST_HEADERS:
                continue
            seen.add(header)
            found = text_of(Path(header))
            if _IN_SECTION.search(found):
                return True
            waiting.append((Path(header).parent, found))
    return False


def _takes_context(function: FunctionText) -> bool:
    """Whether a function's parameters look like those of a program."""
    structs = r"\bctx\b|\bstruct\s+(?:pt_regs|xdp_md|__sk_buff|bpf_\w+|sk_msg_md|sk_reuseport_md)\s*\*"
    return bool(re.search(structs, function.parameters))
