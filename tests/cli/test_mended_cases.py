"""`check --fix` writes the fixed program of a marked case, byte for byte, and no input breaks that."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from bpfdoctor import mending
from bpfdoctor.capture import record
from bpfdoctor.experiments import meaning, recorded, witness
from bpfdoctor.lab import cases
from bpfdoctor.machine.concrete import context
from bpfdoctor.machine.concrete.interpreter import run
from bpfdoctor.machine.concrete.program import Runnable
from bpfdoctor.model.diagnosis import Safety
from bpfdoctor.model.report import CaptureOptions, Verdict
from bpfdoctor.resources import folder
from scripts.running import Fresh, loaded, on_packet, reads_zeros
from tests.compilers import CLANG, VERSION

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

CASES = folder("corpus") / "cases"
TYPES = Path("/sys/kernel/btf/vmlinux")
_SHARES = 5  # `make test` tries one in so many, and with each compiler another one; the slow part tries all
_SECONDS = 0.5  # of CPU, for the inputs of one program
_MARK = re.compile(r" ?/\* (?:expect|cause): [^*]* \*/")


def settings(case: str) -> dict[str, Any]:
    return tomllib.loads((CASES / case / "case.toml").read_text())


def marked() -> Iterator[str]:
    """The cases that this compiler's code is mended of."""
    for path in sorted(CASES.glob("*/*/case.toml")):
        of_compilers = tomllib.loads(path.read_text()).get("mended", False)
        if of_compilers is True or (of_compilers and VERSION in of_compilers):
            yield str(path.parent.relative_to(CASES))


MENDED = tuple(marked())
SHARE = tuple(case for case in MENDED if crc32(case.encode()) % _SHARES == VERSION % _SHARES)


@pytest.mark.parametrize("case", SHARE)
def test_a_case_is_mended(case: str, tmp_path: Path) -> None:
    is_mended(case, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in MENDED if case not in SHARE])
def test_every_case_is_mended(case: str, tmp_path: Path) -> None:
    is_mended(case, tmp_path)


def is_mended(case: str, tmp_path: Path) -> None:
    for path in (CASES / case).glob("*.*"):
        if path.suffix in (".c", ".h", ".py"):
            (tmp_path / path.name).write_text(_MARK.sub("", path.read_text()))
    source = cases.program(tmp_path)
    assert source is not None
    options = CaptureOptions(clang=CLANG, experiments=False, environment=dict(os.environ))
    found = mending.mend(source, options, 20, unsafe=True)
    assert found.applied
    assert all(report.verdict is Verdict.LOADS for report in found.left)
    changed = {name: text for name, text in found.after.items() if text != found.before[name]}
    text = (CASES / case / source.name.replace("prog", "fixed")).read_text()
    assert list(changed.values()) == [text]
    keeps = all(fix.safety is Safety.SAFE for fix in found.applied)
    names = [report.program.name or "" for report in found.left if report.program]
    for name in names:
        after = mending.runnable(found.object, name, options)
        if after is not None:  # not BCC's, and libbpf can prepare it without asking the kernel
            before = mending.runnable(found.first_object, name, options) if keeps else None
            does_its_job(before, after, text)
    for row in settings(case).get("run", ()):
        name = row.get("program", names[0])
        runs_as_told(row, record.calls_of(found.object, replace(options, programs=(name,)))[name])


def does_its_job(before: Runnable | None, after: Runnable, text: str) -> None:
    """No input makes it go wrong; where the refused one goes right, a safe patch leaves it at that."""
    tried = witness.search(after, None, _SECONDS, most=200)
    found = tried.witness
    if found is not None and reads_zeros(found.fault, text):
        return
    assert found is None, witness.words(found)
    if before is not None:
        assert not meaning.compared(before, after, _SECONDS).differs


class Given(Fresh):
    """What a program finds that was just loaded, but for what a `[[run]]` gives."""

    def is_lucky(self, label: str) -> bool:
        return self.given_luck.get(label, super().is_lucky(label))

    def number(self, label: str, bits: int) -> int:
        return self.given_numbers.get(label, 0) & ((1 << bits) - 1)


def runs_as_told(row: dict[str, Any], asked: bytes) -> None:
    """What a `[[run]]` gives and what comes of it: here, and in the kernel where that runs such programs."""
    (program,) = recorded.programs(asked, TYPES.read_bytes())
    packet = bytes.fromhex(row.get("packet", "")).ljust(row.get("bytes", 0), b"\0")
    given = Given(0, packet, given_numbers=row.get("numbers", {}), given_luck=row.get("found", {}))
    outcome = run(program, given)
    assert outcome.fault is None, outcome.fault.what
    assert outcome.returned is not None
    assert outcome.returned & 0xFFFFFFFF == row["returns"]
    assert [effect.name for effect in outcome.effects] == row.get("calls", [])
    if program.kind in (context.XDP, context.SCHED_CLS) and not given.given_numbers and not given.given_luck:
        with loaded(asked) as live:
            assert live is not None
            assert on_packet(live.program, packet)[0] == row["returns"]
