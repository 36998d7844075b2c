"""How often bpfdoctor points at the right place: against labelled logs, our marks, and Linux 7.3's reports.

    python scripts/accuracy.py [--logs DIR] [--kernel-logs DIR] [--misses]

--logs holds an index.json with `rejected_insn`, `root_cause_insn` and `layer` by file, and
label_corrections.toml has those that we read otherwise. --kernel-logs is searched for logs of a 7.3 kernel;
its report is taken out before the rest is diagnosed, and compared after.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
import tempfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bpfdoctor.lab import kernels as lab_kernels
from bpfdoctor.log.kernel_report import read as read_reports
from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.report import Flavour, Program, RawReport, SourceFile, Stage
from bpfdoctor.model.transcript import KernelReport
from bpfdoctor.pipeline import diagnose
from scripts import bcc_answers, causes

HERE = Path(__file__).resolve().parent.parent
CORRECTIONS = Path(__file__).with_name("label_corrections.toml")
REPORT = re.compile(rb"\n*^Verification failed: .*?^Suggestion:\n(?:  .*\n|\n(?=  ))*\n?", re.M | re.S)


def load(path: Path) -> bytes:
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def last_diagnosis(data: bytes, name: str) -> Diagnosis | None:
    """What is said of the message that stands last in the text; None when nothing is."""
    reports = diagnose(RawReport(data, name, Flavour.LOG, Stage.PASTE))
    found = [report.diagnoses for report in reports if report.diagnoses]
    return max(found[-1], key=lambda each: each.finding.block.start) if found else None


@dataclass
class Score:
    """Hits and misses of one measure, by family."""

    title: str
    hits: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def add(self, family: str, hit: bool, miss: str) -> None:
        self.total[family] += 1
        self.hits[family] += hit
        if not hit:
            self.misses.append(f"{family}: {miss}")

    def show(self, with_misses: bool) -> None:
        total = self.total.total()
        if not total:
            print(f"{self.title}: nothing to measure")
            return
        print(f"{self.title}: {self.hits.total()}/{total} = {100 * self.hits.total() / total:.1f} %")
        for family in sorted(self.total):
            if self.hits[family] < self.total[family]:
                print(f"    {self.hits[family]:4}/{self.total[family]:<4} {family}")
        if with_misses:
            for miss in self.misses:
                print(f"      miss {miss}")


@dataclass(frozen=True)
class Correction:
    """Where we read a log otherwise than its label: instructions, a line of its source; None: we agree."""

    log: str
    why: str
    refused: int | None = None
    root: int | None = None
    line: int | None = None


def corrections() -> dict[str, Correction]:
    """By the log's id in index.json."""
    read = tomllib.loads(CORRECTIONS.read_text())["label"]
    return {each["log"]: Correction(**each) for each in read}


def labelled(folder: Path, corrected: Mapping[str, Correction]) -> Iterator[Score]:
    """Against labels made by people, as we corrected them: root cause, and the layer that must change."""
    exact, near, refused = (
        Score("root cause, same instruction"),
        Score("root cause, within 5"),
        Score("refused"),
    )
    line, layer, known = Score("root cause, same source line"), Score("layer"), Score("a rule knows it")
    for entry in json.loads((folder / "index.json").read_text()):
        name = Path(entry["file"]).name
        diagnosis = last_diagnosis(load(folder / entry["file"]), name)
        rule = diagnosis.rule if diagnosis else "no diagnosis"
        known.add(entry["kind"], rule not in ("no diagnosis", "unknown-message"), f"{name} {rule}")
        if entry["kind"] != "replayed":
            continue
        got = diagnosis.layer.value if diagnosis else None
        layer.add(rule, got == entry["layer"], f"{name} wanted {entry['layer']}, got {got}")
        ours = corrected.get(entry["id"], Correction(entry["id"], ""))
        at = diagnosis.insn if diagnosis else None
        wanted = entry["rejected_insn"] if ours.refused is None else ours.refused
        refused.add(rule, at == wanted, f"{name} wanted {wanted}, got {at}")
        wanted = entry["root_cause_insn"] if ours.root is None else ours.root
        if wanted is not None:
            cause = diagnosis.root_cause.insn if diagnosis and diagnosis.root_cause else None
            exact.add(rule, cause == wanted, f"{name} wanted {wanted}, got {cause}, refused {at}")
            near.add(
                rule, cause is not None and abs(cause - wanted) <= 5, f"{name} wanted {wanted}, got {cause}"
            )
        if quoted := entry["root_cause_line"]:
            place = diagnosis.root_cause.place if diagnosis and diagnosis.root_cause else None
            text = place.text if place and place.text else ""
            hit = re.sub(r"\s", "", text) == re.sub(r"\s", "", quoted)
            if ours.line is not None:
                hit = place is not None and place.line == ours.line
            line.add(rule, hit, f"{name} wanted {ours.line or repr(quoted)}, got {text!r}")
    yield from (known, refused, exact, near, line, layer)


def marked() -> Score:
    """Against the marks in the corpus's programs, over every stored log that names lines."""
    score = Score("cause marked by us")
    for case in causes.corpus():
        for found in causes.found(case):
            if found.is_marked is not None:
                score.add(case.parent.name, found.is_marked, f"{causes.name(case)} {found}")
    return score


def bcc(kernels: list[str]) -> Iterator[Score]:
    """The BCC programs of the corpus alone: against our marks, and the edits, tried on these kernels."""
    line, variable = Score("BCC: refused line"), Score("BCC: the variable is the user's")
    cause, edit = Score("BCC: root cause"), Score("BCC: the edit loads")
    for case in bcc_answers.bcc_cases():
        rule, words = case.parent.name, bcc_answers.users_words(case)
        for found in causes.found(case):
            if found.refused_is_marked is not None:
                line.add(rule, found.refused_is_marked, f"{causes.name(case)} {found}")
            if found.is_marked is not None:
                cause.add(rule, found.is_marked, f"{causes.name(case)} {found}")
        for log, answer in bcc_answers.answers(case):
            for name in bcc_answers.variables(answer):
                variable.add(rule, name in words, f"{causes.name(case)} {log}: {name}")
    with tempfile.TemporaryDirectory() as folder:
        for case, kernel, loads in bcc_answers.tried(Path(folder), kernels, lambda _: None):
            edit.add(case.parent.name, loads, f"{causes.name(case)} {kernel}")
    yield from (line, variable, cause, edit)


@dataclass
class Judged:
    """What is compared with Linux 7.3's own reports. Its newest `invalidated` event is what was lost."""

    place: Score = field(default_factory=lambda: Score("same At as 7.3"))
    category: Score = field(default_factory=lambda: Score("same category as 7.3"))
    events: Score = field(default_factory=lambda: Score("causal events of 7.3"))
    root: Score = field(default_factory=lambda: Score("root cause is the invalidation of 7.3"))


def judged(folder: Path) -> Iterator[Score]:
    """Against Linux 7.3's own reports."""
    scores = Judged()
    labels: dict[str, list[bool]] = defaultdict(list)
    for path in sorted(folder.rglob("*7.3*.log*")):
        data = load(path)
        reports = read_reports(
            line for found in REPORT.findall(data) for line in found.decode(errors="replace").splitlines()
        )
        if not reports:
            continue
        diagnosis = last_diagnosis(REPORT.sub(b"\n", data), path.name)
        _judge(reports[-1], diagnosis, str(path.relative_to(folder)), scores, labels)
    yield from (scores.place, scores.category, scores.events, scores.root)
    for label, hits in sorted(labels.items()):
        print(f"    events of kind {label}: {sum(hits)}/{len(hits)}")


def with_object(folder: Path) -> Iterator[Score]:
    """7.3's `At:` with the program at hand, as `check` has it: X.o and X.bpf.c beside X.PROGRAM.7.3….

    What is refused before the first step, and a line's column, the log alone does not show. clang gives
    `v->n += 1` the column of its operator; a caret on what is written before it is a hit.
    """
    place = Score("same At as 7.3, with the object")
    caret = Score("same line and column as 7.3, with the object")
    for path in sorted(folder.rglob("*7.3*.log")):
        name, _, program = path.name.partition(".7.3")[0].rpartition(".")
        file, code = path.with_name(f"{name}.bpf.c"), path.with_name(f"{name}.o")
        data = load(path)
        reports = read_reports(b"".join(REPORT.findall(data)).decode(errors="replace").splitlines())
        if not (file.exists() and code.exists() and reports and reports[-1].at):
            continue
        at, source = reports[-1].at, SourceFile(file.name, file.read_text())
        raw = RawReport(REPORT.sub(b"\n", data), file.name, Flavour.LIBBPF, Stage.VERIFIER,
                        program=Program(program), files=(source,), object=code.read_bytes())  # fmt: skip
        said = [each for report in diagnose(raw) for each in report.diagnoses]
        found = [each for each in said if each.finding.block.stage is Stage.VERIFIER]
        newest = max(found, key=lambda each: each.finding.block.start) if found else None
        rule = newest.rule if newest else "no diagnosis"
        if at.insn is not None:
            insn = newest.insn if newest else None
            place.add(rule, insn == at.insn, f"{path.name} wanted {at.insn}, got {insn}")
        if not at.line:  # the kernel says line 0 of what the compiler made
            continue
        where = newest.location if newest else None
        text, column = source.text.split("\n")[at.line - 1], at.column or 0
        hit = where is not None and (where.line, where.column) == (at.line, at.column)
        if where is not None and where.line == at.line and not hit:
            between = text[(where.end_column or 0) - 1 : column - 1]
            hit = not between.strip() and text[column - 1] in "=+-*/|&^<>"
        caret.add(rule, hit, f"{path.name} {at.line}:{column} {where}")
    yield from (place, caret)


def _judge(
    report: KernelReport,
    diagnosis: Diagnosis | None,
    name: str,
    scores: Judged,
    labels: dict[str, list[bool]],
) -> None:
    rule = diagnosis.rule if diagnosis else "no diagnosis"
    ours = diagnosis.category.value if diagnosis else None
    scores.category.add(rule, ours == report.category, f"{name} wanted {report.category}, got {ours}")
    if report.at and report.at.insn is not None:
        at = diagnosis.insn if diagnosis else None
        scores.place.add(rule, at == report.at.insn, f"{name} wanted {report.at.insn}, got {at}")
    seen = {label.insn for label in (*diagnosis.flow, *diagnosis.labels)} if diagnosis else set()
    for event in report.path:
        if event.insn is not None:
            hit = event.insn in seen
            labels[event.label].append(hit)
            steps = sorted(insn for insn in seen if insn is not None)
            miss = f"{name} {event.label} at {event.insn}: {event.text[:60]}; ours {steps}"
            scores.events.add(rule, hit, miss)
    ended = [event for event in report.path if event.label == "invalidated" and event.insn is not None]
    if ended:
        root = diagnosis.root_cause.insn if diagnosis and diagnosis.root_cause else None
        said = f"{ended[-1].insn}: {ended[-1].text[:60]}"
        scores.root.add(rule, root == ended[-1].insn, f"{name} root {root}, invalidated at {said}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--logs", type=Path, default=HERE.parent / "shared" / "logs")
    options.add_argument("--kernel-logs", type=Path, default=HERE / "corpus" / "cases")
    options.add_argument("--misses", action="store_true")
    chosen = options.parse_args()
    if (chosen.logs / "index.json").exists():
        corrected = corrections()
        print(f"{len(corrected)} labels are corrected in {CORRECTIONS.relative_to(HERE)}")
        for score in labelled(chosen.logs, corrected):
            score.show(chosen.misses)
    else:
        print(f"no labelled logs at {chosen.logs}: only our own corpus is measured")
    marked().show(chosen.misses)
    for score in bcc([each for each in bcc_answers.KERNELS if lab_kernels.find(each)]):
        score.show(chosen.misses)
    for score in judged(chosen.kernel_logs):
        score.show(chosen.misses)
    for score in with_object(chosen.kernel_logs):
        score.show(chosen.misses)


if __name__ == "__main__":
    main()
