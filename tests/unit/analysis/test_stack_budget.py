"""Whose stack it is that does not fit: on logs of the corpus, with their programs at hand."""

from __future__ import annotations

import lzma
import subprocess
from pathlib import Path

import pytest

from bpfdoctor.analysis.collectors.stack_budget import StackBudget
from bpfdoctor.model.report import Flavour, Program, RawReport, SourceFile, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.render import render
from tests.compilers import HEADERS, clang

CASES = Path(__file__).parents[3] / "corpus" / "cases" / "stack-too-large"
TWO = CASES / "two-functions"


def raw(case: Path, log: Path, data: bytes | None, program: str | None) -> RawReport:
    source = next(case.glob("prog.*"))
    text = lzma.decompress(log.read_bytes()) if log.suffix == ".xz" else log.read_bytes()
    name = f"corpus/cases/stack-too-large/{case.name}/{source.name}"
    return RawReport(
        text,
        name,
        Flavour.BCC if source.suffixes == [".c"] else Flavour.LIBBPF,
        Stage.PASTE,
        program=Program(program) if program else None,
        files=(SourceFile(name, source.read_text()),),
        object=data,
    )


def compiled(folder: Path) -> bytes:
    out = folder / "two.o"
    flags = ["-O2", "-g", "-target", "bpf", f"-I{HEADERS}"]
    subprocess.run([clang(19), *flags, "-c", str(TWO / "prog.bpf.c"), "-o", str(out)], check=True)
    return out.read_bytes()


@pytest.mark.needs_clang(19)  # as the case says
@pytest.mark.parametrize("kernel", ["6.18.15", "7.2.13", "7.3.4"])
def test_the_chain_of_calls_makes_the_sum_of_the_message(kernel: str, tmp_path: Path) -> None:
    logs = sorted(TWO.glob(f"logs/{kernel}-l1.log*"))
    reports = diagnose(raw(TWO, logs[0], compiled(tmp_path), "hash_line"))
    facts = reports[-1].diagnoses[0].facts
    assert isinstance(facts, StackBudget) and facts.stack is not None
    assert [(each.name, each.size) for each in facts.stack.functions] == [
        ("hash_line", 304),
        ("hash_comm", 272),
    ]
    assert sum(each.counted or 0 for each in facts.stack.functions) == facts.used == facts.stack.used
    assert [each.locals[0].type for each in facts.stack.functions] == ["char[304]", "char[272]"]
    assert facts.declaration is not None and facts.declaration.text == "char line[304] = {};"
    drawn = render(reports, "full", width=80, unicode=False)
    assert "together   576 bytes of 512: 304 + 272" in drawn and drawn.isascii()


def test_a_program_that_does_not_compile_names_its_largest_variable() -> None:
    case = CASES / "large-local"
    facts = diagnose(raw(case, next(case.glob("logs/*.log")), None, None))[0].diagnoses[0].facts
    assert isinstance(facts, StackBudget) and facts.stack is not None
    assert [(each.name, each.size) for each in facts.stack.functions[0].locals] == [("event", 604)]
    assert facts.declaration is not None and facts.declaration.column is not None
