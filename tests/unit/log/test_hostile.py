"""Random and hostile texts: never an exception, never a quadratic cost, and always a transcript"
" that adds up."""

from __future__ import annotations

import re
import time
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfdoctor import log as transcripts
from bpfdoctor import resources
from bpfdoctor.log.kinds import SHAPES
from bpfdoctor.log.repair import odd_forms
from bpfdoctor.model.report import Stage, Verdict
from bpfdoctor.model.transcript import Transcript
from tests.unit.log.texts import OLD, REPORTED, STATS, log, raw_of, read

_EXAMPLE = re.compile(r"// example: ?(.*)$", re.MULTILINE)
GRAMMARS = ("loader", "compiler", "report", "insn", "state", "source_line", "verifier_line")
LOGS = (OLD, REPORTED, log("packet"), log("leak"), log("endless"), log("null-in-callee-l2"), log("bcc-null"))

# Lines of every kind that any grammar knows, of real logs, of odd forms, and of nobody.
LINES = sorted(
    {
        *(line.decode("utf-8", "replace") for shape in SHAPES for line in shape.examples),
        *chain.from_iterable(
            _EXAMPLE.findall((resources.folder("grammars") / f"{name}.lark").read_text()) for name in GRAMMARS
        ),
        *chain.from_iterable(text.splitlines() for text in LOGS),
        *(quirk.seen.decode() for quirk in odd_forms.QUIRKS),
        *(
            "",
            "   ",
            "R3 !read_ok",
            "I do not know why.",
            "Thanks!",
            "```",
            "> quoted",
            "((((",
            "1: 2: 3: 4:",
            ": : :",
        ),
        STATS,
    }
)


def adds_up(part: Transcript) -> None:
    """What every transcript promises to whoever reads it."""
    size = len(part.text)
    assert 0 <= part.log_start <= part.log_end <= size
    assert not (part.succeeded and any(block.severity in ("error", "fatal") for block in part.blocks))
    for block in part.blocks:
        assert 0 <= block.start <= block.end <= size
        assert block.repeats >= 1
        assert block.stage in (Stage.VERIFIER, Stage.LOADER, Stage.COMPILER)
        for line in block.lines:
            assert line == line.strip()
            assert line
            assert "\n" not in line


@settings(deadline=None)
@given(st.binary(max_size=600))
def test_any_bytes(data: bytes) -> None:
    for part in read(data):
        adds_up(part)


_LINE = st.one_of(
    st.sampled_from(LINES),
    st.text(max_size=40),
    st.builds(lambda line, at: line[:at], st.sampled_from(LINES), st.integers(0, 60)),
    st.builds(lambda line, at: line[at:], st.sampled_from(LINES), st.integers(0, 30)),
    st.builds(str.__add__, st.sampled_from(LINES), st.sampled_from(LINES)),
    st.builds(
        str.__add__, st.sampled_from(["  ", "\t", "> ", "libbpf: ", "Error: "]), st.sampled_from(LINES)
    ),
)


def test_every_line_alone() -> None:
    for line in LINES:
        for part in read(line):
            adds_up(part)


@settings(max_examples=300, deadline=None)
@given(st.lists(_LINE, max_size=25))
def test_any_mixture_of_lines(lines: list[str]) -> None:
    found = read("\n".join(lines))
    assert found
    for part in found:
        adds_up(part)


@settings(deadline=None)
@given(st.lists(_LINE, max_size=12), st.sampled_from(Stage), st.sampled_from(Verdict))
def test_any_mixture_from_any_stage(lines: list[str], stage: Stage, verdict: Verdict) -> None:
    raw = raw_of("\n".join(lines), stage, verdict, errno=22)
    found = transcripts.read(raw, raw.data, known=lambda line: "read_ok" in line)
    assert found
    for part in found:
        adds_up(part)


@pytest.mark.parametrize("number", range(len(LOGS)))
def test_a_log_cut_anywhere(number: int) -> None:
    text = LOGS[number]
    for at in range(0, len(text), 37):
        for part in (*read(text[:at]), *read(text[at:])):
            adds_up(part)


@settings(deadline=None)
@given(st.sampled_from(LOGS), st.lists(st.tuples(st.integers(0, 40), _LINE), max_size=4))
def test_a_log_with_foreign_lines_in_it(text: str, foreign: list[tuple[int, str]]) -> None:
    lines = text.splitlines()
    for at, line in foreign:
        lines.insert(at, line)
    for part in read("\n".join(lines)):
        adds_up(part)


# {0} is a number that differs each time.
REPEATED = {
    "one long line": "{0}: (b7) r0 = 0 ",
    "open brackets": "R0=map_value(id=0,off=(",
    "colons": ": ",
    "quotes": "'`\"",
    "words of libbpf": "libbpf: prog '",
    "unended states": "9: (15) if r0 == 0x0 goto pc+4\n R0=inv(id=0,umax_value=255,var_off=(0x0;\n",
    "messages and empty lines": "R0 !read_ok\n\n",
    "different messages": "R0 invalid mem access '{0}'\n\n",
    "messages and instructions": "{0}: (95) exit\nR0 !read_ok\n\n",
    "whole small logs": "{0}: (95) exit\nR0 !read_ok\n" + STATS,
    "logs that load": "{0}: (95) exit\n" + STATS,
    "excerpts": "{0}: (95) exit\n\nSo I tried that.\n\n",
    "silent refusals": "libbpf: prog 'p{0}': BPF program load failed: -EPERM\n",
    "errors of a compiler": "a.c:{0}:2: error: x\n",
    "reports": "Verification failed: A: b\n\nReason:\n  x\n",
    "frames": "libbpf: prog 'a{0}': BPF program load failed: -EACCES\n"
    "libbpf: prog 'a{0}': -- BEGIN PROG LOAD LOG --\n",
    "errors of Rust": "-- BEGIN PROG LOAD LOG --\n\n\n(os error {0})\n",
    "errors of Go": "program a: load program: permission denied: R0 !read_ok (3 line(s) omitted)\n",
    "types": "[{0}] STRUCT a size=8 vlen=1\n",
    "sentences": "I get R1 invalid mem access and R2 invalid mem access but not R3 invalid mem access\n",
    "statistics": STATS,
    "dots": "...\n",
}


@pytest.mark.parametrize("name", REPEATED)
def test_hostile_text_costs_linear_time(name: str) -> None:
    """A quadratic cost would show: four times the text may cost eight times as much, and a bit,"
    " not sixteen."""

    def cost(size: int) -> float:
        times = size // len(REPEATED[name])
        data = "".join(REPEATED[name].replace("{0}", str(number)) for number in range(times)).encode()
        began = time.process_time()
        read(data)
        return time.process_time() - began

    quarter = cost(40_000)
    assert cost(160_000) < 8 * quarter + 0.5


def test_of_very_many_programs_the_refused_come_first() -> None:
    loads = "{0}: (95) exit\n" + STATS
    text = "".join(loads.replace("{0}", str(number)) for number in range(1100)) + log("packet")
    found = read(text)
    *listed, more = found
    assert len(listed) == 1000
    assert listed[-1].program == "first_byte"
    assert more.succeeded and sum(part.programs for part in found) == 1101
