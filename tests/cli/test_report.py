"""`bpfdoctor report`: stored runs, compared and put together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bpfdoctor import stored_runs
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import Kernel, Program, Stats
from bpfdoctor.render import FORMATS, Unexamined, render
from bpfdoctor.render.changes import table
from tests.cli.command import bpfdoctor
from tests.unit.render import reports


def program(name: str, kernel: str = "6.1.192", insns: int | None = 26) -> Report:
    """A program that loads; with None for `insns`, the same one refused."""
    base = reports.loads() if insns is not None else reports.report()
    return replace(base, program=Program(name, "xdp", "xdp"), kernel=Kernel(kernel), stats=Stats(insns))


def stored(file: Path, told: Sequence[Report], format: str = "json") -> Path:
    file.write_text(render(told, format))
    return file


def compared(folder: Path, old: Sequence[Report], new: Sequence[Report], least: float = 0) -> list[list[str]]:
    """The table's words, row by row, without its heading; then the line of counts."""
    files = [stored(folder / "old.json", old), stored(folder / "new.json", new)]
    changes = stored_runs.changes(*map(stored_runs.read, files))
    return [line.split("  ") for line in table(changes, least, markdown=False).splitlines() if line]


def test_what_does_not_load_any_more_comes_first(tmp_path: Path) -> None:
    old = [program("same"), program("grown"), program("mended", insns=None), program("broken")]
    new = [program("same"), program("grown", insns=39), program("mended"), program("broken", insns=None)]
    rows = compared(tmp_path, old, new)
    assert [row[0] for row in rows[1:-1]] == ["pkt.bpf.c broken", "pkt.bpf.c mended", "pkt.bpf.c grown"]
    assert rows[-1] == ["1 program does not load now, 1 loads now, 1 changed otherwise, 1 as before"]


def test_how_much_it_has_grown(tmp_path: Path) -> None:
    rows = compared(tmp_path, [program("p", insns=100)], [program("p", insns=1130)])
    assert rows[1][2:] == ["loads 100", "loads 1,130", "insns +1,030 (+1030.0 %)"]
    assert compared(tmp_path, [program("p", insns=100)], [program("p", insns=104)], 5) == [["1 as before"]]


def test_a_kernels_next_release_is_the_same_kernel(tmp_path: Path) -> None:
    old, new = [program("p", "6.1.192")], [program("p", "6.1.193")]
    assert compared(tmp_path, old, new) == [["1 as before"]]
    two = [program("p", "6.1.191"), program("p", "6.1.192")]
    assert len(compared(tmp_path, two, new)) == 1 + 3 + 1, "which of them is meant is not known"


def test_programs_that_are_new_or_gone_are_told(tmp_path: Path) -> None:
    rows = compared(tmp_path, [program("gone")], [program("new", insns=None)])
    assert [row[0] for row in rows[1:-1]] == ["pkt.bpf.c new", "pkt.bpf.c gone"]


@pytest.mark.parametrize(("old", "new", "status"), [(26, None, 1), (None, 26, 0), (None, None, 0)])
def test_the_exit_status_says_whether_it_is_worse(
    tmp_path: Path, old: int | None, new: int | None, status: int
) -> None:
    files = [stored(tmp_path / f"{at}.json", [program("p", insns=n)]) for at, n in enumerate((old, new))]
    assert bpfdoctor("report", "diff", *files).status == status
    assert bpfdoctor("report", "diff", "--exit-zero", *files).status == 0


def test_veristats_csv_is_read(tmp_path: Path) -> None:
    head = "file_name,prog_name,verdict,total_insns,total_states\n"
    (tmp_path / "old.csv").write_text(head + "a.o,p,success,100,7\n")
    (tmp_path / "new.csv").write_text(head + "a.o,p,success,100,9\n")
    done = bpfdoctor("report", "diff", "old.csv", "new.csv", "--output-format", "markdown", cwd=tmp_path)
    assert (done.status, done.out.splitlines()[2]) == (
        0,
        r"| a.o p |  | loads 100 | loads 100 | states +2 (+28.6 %) |",
    )


def test_runs_are_put_together(tmp_path: Path) -> None:
    one = stored(tmp_path / "1.json", [program("one")])
    two = stored(tmp_path / "2.jsonl", [program("two"), program("three", insns=None)], "jsonl")
    done = bpfdoctor("report", "merge", one, two)
    assert done.status == 0
    together = [program("one"), program("two"), program("three", insns=None)]
    assert json.loads(done.out) == json.loads(render(together, "json"))


@pytest.mark.parametrize("format", ["json", "jsonl"])
def test_what_was_not_examined_stays_a_problem(tmp_path: Path, format: str) -> None:
    file = tmp_path / "run"
    file.write_text(render([], format, failures=[Unexamined("x.c", Problem("there is no clang"))]))
    done = bpfdoctor("report", "merge", file)
    assert done.status == 2 and json.loads(done.out)["problems"][0]["source"] == "x.c"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"schema": 1, "reports": [1]}',
        '{"schema": 1, "reports": [{}]}',
        "a,b\n1,2\n",
        "{" * 9999,
    ],
)
def test_what_is_no_run_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "run").write_text(text)
    done = bpfdoctor("report", "diff", "run", "run", cwd=tmp_path)
    assert (done.status, done.out) == (2, "") and "run is no stored run." in done.err


def test_another_schema_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "run").write_text('{"schema": 2, "reports": []}')
    assert "run has schema 2" in bpfdoctor("report", "merge", "run", cwd=tmp_path).err


def test_every_report_can_be_stored_and_read(tmp_path: Path) -> None:
    told = [make() for make in reports.ALL]
    for format in ("json", "jsonl"):
        assert format in FORMATS
        assert len(stored_runs.read(stored(tmp_path / format, told, format))) == len(told)


def test_a_run_is_told_as_a_table_and_in_numbers(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (folder := tmp_path / "bpf").mkdir()
    stored(folder / "run.json", [reports.report()], "json")
    done = bpfdoctor("report", "summary", "run.json", "--link", "https://git.example/it/blob/1", cwd=folder)
    assert done.status == 0 and "[pkt.bpf.c:24](https://git.example/it/blob/1/bpf/pkt.bpf.c#L24)" in done.out
    done = bpfdoctor("report", "summary", "--output-format", "counts", "run.json", cwd=folder)
    assert done.out == "programs=1\nrefused=1\nwarnings=0\nunanswered=0\n"


def test_a_report_that_lacks_what_the_table_needs_is_an_error(tmp_path: Path) -> None:
    report = {"source": "a", "verdict": "refused", "findings": [1], "settings": []}
    (tmp_path / "run").write_text(json.dumps({"schema": 1, "reports": [report], "problems": []}))
    done = bpfdoctor("report", "summary", "run", cwd=tmp_path)
    assert (done.status, done.out) == (2, "") and "run: not what --output-format json has stored." in done.err


def counted(name: str, insns: int, states: int, *stack: int) -> Report:
    stats = Stats(insns, 1_000_000, states, states, 1, 97, stack)
    return replace(program(name), stats=stats)


def test_states_and_stack_are_compared(tmp_path: Path) -> None:
    rows = compared(tmp_path, [counted("p", 100, 7, 24, 8)], [counted("p", 100, 9, 24)])
    assert rows[1][-1] == "states +2 (+28.6 %), peak states +2 (+28.6 %), stack -8 (-25.0 %)"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ((), 0),
        (("10%",), 1),
        (("insns=10%",), 0),
        (("insns=9.9",), 1),
        (("stack=100%", "states=0%"), 0),
        (("stack=99%",), 1),
        (("peak-states=0",), 0),
    ],
)
def test_what_grows_too_much_fails(tmp_path: Path, given: tuple[str, ...], status: int) -> None:
    old, new = counted("p", 100, 7, 8), counted("p", 110, 7, 16)
    files = [stored(tmp_path / "old.json", [old]), stored(tmp_path / "new.json", [new])]
    limits = [word for each in given for word in ("--fail-over", each)]
    done = bpfdoctor("report", "diff", *limits, *files)
    assert done.status == status, done
    assert ("grew by more than" in done.out) is bool(status)


@pytest.mark.parametrize("word", ["x", "-1", "bytes=3", "insns=", "nan", "inf"])
def test_a_limit_that_is_none(tmp_path: Path, word: str) -> None:
    file = stored(tmp_path / "a.json", [program("p")])
    done = bpfdoctor("report", "diff", "--fail-over", word, file, file)
    assert done.status == 2 and "is not like 10% or insns=10%" in " ".join(done.err.split())
