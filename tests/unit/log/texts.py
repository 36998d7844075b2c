"""Texts that the tests of this folder read: real logs of our own programs, and what stands around logs."""

from __future__ import annotations

from pathlib import Path

from bpfdoctor import log as transcripts
from bpfdoctor.log.messages import Known
from bpfdoctor.log.repair import paste
from bpfdoctor.model.report import Flavour, RawReport, Stage, Verdict
from bpfdoctor.model.transcript import ErrorBlock, Transcript

# The logs come from programs.bpf.c, refused by 6.18.44; the number after -l is the log level.
DATA = Path(__file__).with_name("data")

STATS = "processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0\n"

# The dialect of 5.10: states on lines of their own, `inv`, precision marks at level 1.
OLD = """\
libbpf: load bpf program failed: Permission denied
libbpf: -- BEGIN DUMP LOG ---
libbpf: 
Unrecognized arg#0 type PTR
; if (!value)
9: (15) if r0 == 0x0 goto pc+4
 R0_w=map_value(id=0,off=0,ks=4,vs=16,imm=0) R6_w=invP0 R10=fp0 fp-8=mmmm????
10: (79) r1 = *(u64 *)(r0 +0)
 R0_w=map_value(id=0,off=0,ks=4,vs=16,imm=0) R6_w=invP0 R10=fp0 fp-8=mmmm????
11: (0f) r0 += r1
last_idx 11 first_idx 0
regs=2 stack=0 before 10: (79) r1 = *(u64 *)(r0 +0)
R0 unbounded memory access, make sure to bounds check any such access
processed 12 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1

libbpf: -- END LOG --
libbpf: failed to load program 'count'
libbpf: failed to load object 'count.bpf.o'
"""  # noqa: W291 - libbpf 0.2 prints that space

# 7.3 says it twice: the terse line, then a report of its own, then perhaps one more line.
REPORTED = """\
0: R1=ctx() R10=fp0
; event = bpf_ringbuf_reserve(&events, 8, 0); @ leak.bpf.c:30
0: (18) r1 = 0xffff8881ee92bc00       ; R1=map_ptr(map=events,ks=0,vs=0)
4: (85) call bpf_ringbuf_reserve#131  ; R0=ringbuf_mem_or_null(id=2,sz=8) refs=2
9: (95) exit
Unreleased reference id=2 alloc_insn=4

Verification failed: Resource Lifetime Safety: Unreleased resource

Reason:
  Owned resource (id=2) was acquired at instruction 4 and still needs to be released before this
  exit path.

At:
  leak @ leak.bpf.c:36:1
  Source context:
      35 | ...
  >>> 36 | }
         | ^-- error: owned resource (id=2) still needs release
  Instruction context:
      8 | (b7) r0 = 0
  >>> 9 | (95) exit

Causal path:
  leak @ leak.bpf.c:30:16
  Source context:
  >>> 30 |         long *event = bpf_ringbuf_reserve(&events, 8, 0);
         |                       ^-- acquired: owned resource (id=2), which somebody
         |                           has to give back
  Instruction context:
      3 | (b7) r3 = 0
  >>> 4 | (85) call bpf_ringbuf_reserve#131

  insn 5
       | ^-- branch: took the false branch of this conditional, goto not followed
  Instruction context:
  >>> 5 | (15) if r0 == 0x0 goto pc+2

Suggestion:
  Release or transfer ownership of the acquired resource on every path before the program exits.

BPF_EXIT instruction in main prog would lead to reference leak
processed 9 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0
"""


def log(name: str) -> str:
    return (DATA / f"{name}.log").read_text()


def raw_of(
    text: str | bytes,
    stage: Stage = Stage.PASTE,
    verdict: Verdict = Verdict.UNKNOWN,
    errno: int | None = None,
) -> RawReport:
    data = text.encode() if isinstance(text, str) else text
    return RawReport(data, "-", Flavour.LOG, stage, verdict=verdict, errno=errno)


def captured(log: str, verdict: Verdict, errno: int | None = None) -> Transcript:
    """What becomes of a log that capture or the lab hands over."""
    raw = RawReport(
        b"", "x.o", Flavour.OBJECT, Stage.VERIFIER, verdict=verdict, errno=errno, log=log.encode()
    )
    (part,) = transcripts.read(raw, b"")
    return part


def read(text: str | bytes, known: Known | None = None) -> list[Transcript]:
    """What becomes of a text on its way through `bpfdoctor log`."""
    raw = raw_of(text)
    return transcripts.read(raw, paste.clean(raw.data), known=known)


def one(text: str | bytes, known: Known | None = None) -> Transcript:
    found = read(text, known)
    assert len(found) == 1, [part.blocks for part in found]
    return found[0]


def error(text: str | bytes, known: Known | None = None) -> ErrorBlock:
    """The first block of the only transcript in a text."""
    return one(text, known).blocks[0]
