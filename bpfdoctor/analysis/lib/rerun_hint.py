"""The one command that would tell what a poor log does not show: by the loader that printed it."""

from __future__ import annotations

import re
from functools import lru_cache

from bpfdoctor.model.record import dataclass
from bpfdoctor.model.transcript import Transcript

_LOOKED_AT = 256 << 10  # bytes at either end of the text


@dataclass(frozen=True, slots=True)
class Way:
    """A loader, by what only it prints, and the command that says more than it did."""

    prints: bytes
    command: str
    gives: str


# What only bpftrace prints around the kernel's and LLVM's words; it names its functions kprobe_vfs_read_1.
_BPFTRACE = re.compile(
    rb"^Attaching \d+ probes?\.\.\.|^ERROR: Error loading (?:BPF )?program|^stdin:\d+:\d+-\d+: "
    rb"|in function (?:k(?:ret)?probe|f(?:entry|exit)|kr?(?:et)?func|u(?:ret)?probe"
    rb"|tracepoint|profile|interval)_\w+_\d+ i64 \(",
    re.MULTILINE,
)
_CHECK = "compiles it, loads it, and shows the line"
_LOADS = "loads it with the whole log, and shows the line"
# In this order: the loaders that are built on libbpf or print like it come before it.
_WAYS = (
    Way(
        rb"program \w+: load program: |\(\d+ line\(s\) omitted\)",  # cilium/ebpf
        "sudo bpfdoctor check prog_bpfel.o",
        f"on the object that bpf2go made: it {_LOADS}",
    ),
    Way(
        rb"the BPF_(?:PROG|BTF)_LOAD syscall (?:failed|returned)|Verifier output: |VerifierLog\(",  # aya
        "sudo bpfdoctor check target/bpfel-unknown-none/release/PROGRAM",
        f"on the object that cargo made: it {_LOADS}",
    ),
    Way(
        rb"Prog section '[^'\n]*' |use 'verb' option|Error fetching program/map!",
        "sudo tc filter add … verbose 2>&1 | bpfdoctor",
        "`verbose` makes tc, and ip too, print the verifier's whole log",
    ),
    Way(
        rb"bpftrace|stdin:\d+:\d+-\d+: ",
        "sudo bpftrace -v SCRIPT.bt 2>&1 | bpfdoctor",
        "-v prints the verifier's whole log",
    ),
    Way(
        rb"bpf: Failed to load program|from bcc import|/virtual/main\.c|Failed to load BPF program ",
        "sudo bpfdoctor check TOOL.py",
        f"on the BCC tool or its C: it {_CHECK}",
    ),
    Way(
        rb"^PROCESSING |^File +Program +Verdict",
        "sudo veristat -v -l2 prog.o | bpfdoctor",
        "-v prints the log, -l2 every path in it",
    ),
)
_USUAL = Way(b"", "sudo bpfdoctor check prog.bpf.c", f"on the program, its .o or the BCC tool: it {_CHECK}")
# libbpf and the kernel name the file: "@ prog.bpf.c:12", "loading object from prog.bpf.o". What a log names
# becomes a word of a command that people copy: it needs no quotes, and it is never an option.
_OBJECT = re.compile(rb"libbpf: loading (?:object from )?(?:buffer |')?([\w./+][\w./+-]{0,99}\.o)\b")
_SOURCE = re.compile(rb" @ ([\w./+][\w./+-]{0,99}\.bpf\.c):\d")


def is_bpftrace(transcript: Transcript) -> bool:
    """Whether bpftrace made the program, from a script."""
    return _BPFTRACE.search(_ends(transcript)) is not None


def command(transcript: Transcript) -> str:
    """A sentence with the command in backticks."""
    return _command_for(_ends(transcript))


def _ends(transcript: Transcript) -> bytes:
    text = bytes(transcript.raw.data[:_LOOKED_AT])
    if len(transcript.raw.data) > _LOOKED_AT:
        text += bytes(transcript.raw.data[-_LOOKED_AT:])
    return text


@lru_cache(maxsize=1)
def _command_for(text: bytes) -> str:
    """A text may have a thousand programs, and is looked through once."""
    way = next((way for way in _WAYS if re.search(way.prints, text, re.MULTILINE)), _USUAL)
    line, gives = way.command, way.gives
    if way is _USUAL and (file := _SOURCE.search(text) or _OBJECT.search(text)):
        line, gives = f"sudo bpfdoctor check {file[1].decode('ascii', 'replace')}", f"it {_CHECK}"
    return f"One command would tell: `{line}`, {gives}."
