"""What bpfdoctor answers to the corpus's programs, without its wording: corpus/cases/*/*/expected.json.

    python -m scripts.answers            writes them
    python -m scripts.answers CASE…      those of these cases only

Two stored logs of each case: the first of its oldest kernel, with the program at hand, and the last of its
newest, pasted; of a BCC program the first has what BCC made of it, too. A test compares; a difference is for
the author of a change to look at. Texts are kept as the numbers and the code that they mention, so that a
sentence can be put better without touching them.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bpfdoctor.lab import cases, compiled
from bpfdoctor.model.diagnosis import Diagnosis, Label, Place, Report
from bpfdoctor.model.report import Flavour, RawReport, SourceFile, Stage
from scripts import causes
from scripts.diagnosed import diagnosed

EXPECTED = "expected.json"
_MENTIONED = re.compile(r"`[^`]+`|\bR\d+\b|(?<!\w)-?(?:0x[0-9a-f]+|\d+)\b")


def logs(case: Path) -> Iterator[tuple[str, RawReport]]:
    """(name, what to diagnose) of the two logs of a case that are compared; nothing where none is stored."""
    stored = sorted(cases.logs(case), key=lambda log: (_release(log[0]), log[1]))
    if stored:
        (oldest, level, log), (newest, last, text) = stored[0], stored[-1]
        yield f"{oldest}-l{level} and the program", _with_program(case, oldest, level, log)
        yield f"{newest}-l{last}", RawReport(text, "log", Flavour.LOG, Stage.PASTE)


def _with_program(case: Path, kernel: str, level: int, log: bytes) -> RawReport:
    if causes.is_bcc(case):
        return next(raw for *which, raw in compiled.reports(case) if which == [kernel, level])
    program = cases.program(case)
    files = (SourceFile(program.name, program.read_text()),) if program else ()
    flavour = cases.flavour(program) if program else Flavour.LOG
    return RawReport(log, program.name if program else "log", flavour, Stage.PASTE, files=files)


def _release(kernel: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", kernel)]


def reports(case: Path) -> dict[str, list[Report]]:
    """What is said of a case's two logs."""
    return {name: diagnosed(raw) for name, raw in logs(case)}


def answers(said: Mapping[str, Iterable[Report]]) -> dict[str, Any]:
    """The answers in these reports, as they are stored."""
    return {
        name: [_answer(each) for report in reports for each in report.diagnoses]
        for name, reports in said.items()
    }


def _answer(found: Diagnosis) -> dict[str, Any]:
    cause, other = found.root_cause, found.other_kernels
    edits = [[f"{e.first}..{e.last}", *e.lines] for fix in found.fixes for e in fix.edits]
    answer = {
        "rule": found.rule,
        "outcome": found.outcome,
        "category": found.category.value,
        "layer": found.layer.value,
        "severity": found.severity.value,
        "confidence": found.confidence.value,
        "refused": f"{found.insn} {_place(found.location)}".strip(),
        "cause": f"{cause.insn} {_place(cause.place)} {_mentioned(cause.text)}".strip() if cause else None,
        "says": _mentioned(found.headline, found.wants, found.has, found.lost),
        "labels": [_label(label) for label in found.labels],
        "flow": [_label(label) for label in found.flow],
        "fixes": edits or len(found.fixes),
        "usual": len(found.usual),
        "steps": len(found.last_steps),
        "asks": bool(found.ask_for),
        "elsewhere": other.since or bool(other.text) if other else None,
    }
    return {key: value for key, value in answer.items() if value not in (None, "", [], False, 0)}


def _label(label: Label) -> str:
    words = (label.role, str(label.insn), _place(label.place), _mentioned(label.text))
    return " ".join(filter(None, words))


def _place(place: Place | None) -> str:
    if place is None:
        return ""
    columns = f":{place.column}-{place.end_column}" if place.column else ""
    return f"{place.function or ''}@{place.line}{columns}"


def _mentioned(*texts: str) -> str:
    return " ".join(word for text in texts for word in _MENTIONED.findall(text))


def stored(case: Path) -> dict[str, Any] | None:
    """What is stored of the case; None: nothing."""
    path = case / EXPECTED
    found: dict[str, Any] | None = json.loads(path.read_text()) if path.is_file() else None
    return found


def main() -> None:
    for case in [Path(name) for name in sys.argv[1:]] or causes.corpus():
        if (now := answers(reports(case))) != (stored(case) or {}):
            (case / EXPECTED).write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n")
            print(f"{causes.name(case)}: updated")


if __name__ == "__main__":
    main()
