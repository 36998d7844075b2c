"""Which bytes of a stack object were written: the logs of data/stack_rows, loaded without CAP_PERFMON."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

import pytest

from bpfdoctor.analysis.collectors.stack_bytes import StackBytes
from bpfdoctor.model.diagnosis import Confidence, Diagnosis, Layer
from bpfdoctor.model.report import Flavour, Program, RawReport, SourceFile, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.render import render
from tests.compilers import HEADERS, clang

DATA = Path(__file__).parent / "data" / "stack_rows"
SOURCE = DATA / "stack_rows.bpf.c"
needs_clang_14 = pytest.mark.needs_clang(14)  # compiled the programs that the logs are of


@cache
def compiled(folder: Path) -> bytes:
    out = folder / "stack_rows.o"
    include = f"-I{HEADERS}"
    subprocess.run(
        [clang(14), "-O2", "-g", "-target", "bpf", include, "-c", str(SOURCE), "-o", str(out)], check=True
    )
    return out.read_bytes()


def raw(log: Path, data: bytes | None, with_source: bool) -> RawReport:
    files = (SourceFile(str(SOURCE), SOURCE.read_text()),) if with_source else ()
    return RawReport(
        log.read_bytes(),
        str(SOURCE) if with_source else log.name,
        Flavour.LIBBPF if with_source else Flavour.LOG,
        Stage.PASTE,
        program=Program(log.stem.split("-")[0], "sched_cls", "tc"),
        files=files,
        object=data,
    )


def diagnosed(log: Path, data: bytes | None = None, with_source: bool = True) -> Diagnosis:
    return diagnose(raw(log, data, with_source))[0].diagnoses[0]


def facts(log: Path, data: bytes | None = None, with_source: bool = True) -> StackBytes:
    found = diagnosed(log, data, with_source).facts
    assert isinstance(found, StackBytes)
    return found


def logs(program: str) -> list[Path]:
    found = sorted(DATA.glob(f"{program}-*.log"))
    assert found
    return found


def rows(found: StackBytes) -> list[tuple[str, str | None, str]]:
    return [(part.kind.value, part.name, part.row) for part in found.object.parts]


@pytest.mark.parametrize("has_object", [False, pytest.param(True, marks=needs_clang_14)])
def test_elements_of_an_array_that_no_statement_assigns(has_object: bool, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    data = compiled(tmp_path_factory.getbasetemp()) if has_object else None
    for log in logs("array_key"):
        found = facts(log, data)
        assert (found.object.name, found.object.off, found.object.size) == ("key", -16, 16)
        assert rows(found) == [("member", f"key[{at}]", letter * 4) for at, letter in enumerate("w.w.")], (
            log.name
        )
        assert [part.name for part in found.missing] == ["key[1]", "key[3]"]
        assert found.declaration is not None and found.declaration.text == "__u32 key[4], v = 1;"


@needs_clang_14
def test_padding_of_an_object_of_the_caller_is_named_with_its_declaration(tmp_path: Path) -> None:
    for log in logs("callers_padding"):
        found = facts(log, compiled(tmp_path))
        assert (found.object.name, found.object.type) == ("p", "struct port")
        assert rows(found) == [
            ("member", "kind", "w"),
            ("padding", "kind", "..."),
            ("member", "number", "wwww"),
        ]
        assert found.declaration is not None and found.declaration.function == "callers_padding"


def test_without_source_the_runs_are_named_by_the_lines_that_wrote_them() -> None:
    for log in logs("array_key"):
        found = facts(log, with_source=False)
        assert [(part.kind.value, part.row, part.by) for part in found.object.parts] == [
            ("bytes", "wwww", "key[0] = skb->len;"),
            ("bytes", "....", None),
            ("bytes", "wwww", "key[2] = skb->mark;"),
            ("bytes", "....", None),
        ], log.name


@needs_clang_14
def test_a_read_of_a_part_draws_the_whole_and_says_which_part(tmp_path: Path) -> None:
    for log in logs("part_of_buffer"):
        found = facts(log, compiled(tmp_path))
        known = found.object
        assert (known.name, known.size, known.first, known.last) == ("line", 200, 112, 127)
        assert [(part.start, part.row) for part in found.missing] == [(112, "w" * 8 + "." * 8)]
        assert known.parts[0].row == "." * 20 + "w" * 100 + "." * 80


@needs_clang_14
@pytest.mark.parametrize(("unicode", "width"), [(True, 80), (False, 80), (True, 120), (False, 40)])
def test_the_drawing_fits_and_folds_what_is_large(unicode: bool, width: int, tmp_path: Path) -> None:
    log = logs("large_record")[0]
    text = render(diagnose(raw(log, compiled(tmp_path), True)), "full", width=width, unicode=unicode)
    drawn = text.split(" bytes at fp-", 1)[1].split("\n\n", 1)[0].split("\n")[1:]
    assert len(drawn) <= 14
    assert all(len(line) <= width for line in drawn)
    assert unicode or text.isascii()
    full, empty = ("█", "░") if unicode else ("#", ".")
    assert any(line.split()[0] == "type" and line.endswith(full * 2) for line in drawn)
    assert any(line.split()[0] == "(padding)" and empty in line for line in drawn)
    assert any("sums[1] .. sums[7]" in line and "not" in line for line in drawn) or width == 40


def test_html_has_the_same_rows() -> None:
    report = diagnose(raw(logs("array_key")[0], None, True))
    assert "key[1]" in render(report, "html") and "░░░░" in render(report, "html")


# Kernels before 4.10 print helpers by number. Those that refuse this (before 4.7, before 5.11) are in no lab.
FILLED = """0: (bf) r1 = r10
1: (07) r1 += -16
2: (b7) r2 = 16
3: (b7) r3 = 0
4: (85) call 4
invalid indirect read from stack off -16+0 size 16
"""
STORED = """0: (7b) *(u64 *)(r10 -8) = r1
1: (18) r1 = 0x7a5ad700
3: (bf) r2 = r10
4: (07) r2 += -8
5: (85) call 1
invalid indirect read from stack off -8+0 size 8
"""


def pasted(text: str) -> Diagnosis:
    return diagnose(RawReport(text.encode(), "log.txt", Flavour.LOG, Stage.PASTE))[0].diagnoses[-1]


def test_a_buffer_that_the_helper_fills_is_not_said_to_be_read() -> None:
    found = pasted(FILLED)
    assert found.outcome == "OUTPUT" and found.layer is Layer.LIMIT
    assert "bpf_probe_read fills this buffer" in found.headline and not found.usual


def test_bytes_that_the_path_writes_are_not_said_to_be_unwritten() -> None:
    found = pasted(STORED)
    assert (found.outcome, found.confidence) == ("STORED", Confidence.LIKELY)
    assert pasted(STORED.replace("(r10 -8) = r1", "(r10 -24) = r1")).outcome == "START_MISSING"


def test_a_message_alone_shows_no_variable() -> None:
    found = pasted("invalid indirect read from stack off -104+0 size 8\n")
    assert not found.lost and any("address" in each.cause for each in found.usual)
