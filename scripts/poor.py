"""What survives when a log is cut: every stored log, poorer in each of the ways in which people paste them.

    python -m scripts.poor [--every N] [--wrong] [--cut NAME] [--logs DIR]

A cut log must never be worse than silent: the rule is the same whenever the message is still there, and the
root cause is that of the whole log or none. --wrong lists where it is not.
"""

from __future__ import annotations

import argparse
import lzma
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bpfdoctor.log.events import kind_of
from bpfdoctor.log.kinds import Kind
from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.report import Flavour, RawReport, Stage
from scripts.diagnosed import diagnosed

HERE = Path(__file__).resolve().parent.parent
_STATE = re.compile(r" ?; ?(?:R\d|fp-|frame\d|refs=|\*\(R|cb).*| \d+: ?(?:R\d|frame\d|fp-|refs=).*")

# What may stand before a log.
_BEFORE_LOG = (Kind.TEXT, Kind.BLANK, Kind.LOADER, Kind.ELLIPSIS)


@dataclass(frozen=True)
class Log:
    """A whole log: its lines, which of them are the message, and where the last instruction stands."""

    lines: list[str]
    first: int  # of the message
    behind: int  # the line after the message
    insn: int | None  # the last instruction before the message
    start: int  # the first line of the verifier's

    @property
    def said(self) -> list[str]:
        return self.lines[self.first : self.behind]


def read(data: bytes, diagnosis: Diagnosis) -> Log | None:
    """The log taken apart at the message of `diagnosis`; None where its words cannot be found in it."""
    lines = data.decode("utf-8", "replace").splitlines()
    said = diagnosis.finding.block.lines
    if not said:
        return None
    last = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].strip() == said[-1].strip()), None)
    if last is None:
        return None
    first = next(
        (at for at in range(last, max(last - 12, -1), -1) if lines[at].strip() == said[0].strip()), None
    )
    if first is None:
        return None
    insns = [at for at in range(first) if _kind(lines[at]) is Kind.INSN]
    walked = next((at for at, line in enumerate(lines) if _kind(line) not in _BEFORE_LOG), 0)
    return Log(lines, first, last + 1, insns[-1] if insns else None, min(walked, first))


def _kind(line: str) -> Kind:
    return kind_of(line.encode())


def _without_states(log: Log) -> list[str]:
    """As log level 1 of an old kernel, or a program that was pasted from a terminal's right edge."""
    kept = []
    for at, line in enumerate(log.lines):
        what = Kind.TEXT if log.first <= at < log.behind else _kind(line)
        if what in (Kind.STATE, Kind.PRECISION, Kind.TABLE, Kind.LOOP):
            continue
        if what is Kind.FROM:
            kept.append(re.sub(r"^((?:from )?\d+ to \d+(?: \([^)]*\))?:).*", r"\1", line))
        else:
            kept.append(_STATE.sub("", line) if what is Kind.INSN else line)
    return kept


def _without_comments(log: Log) -> list[str]:
    return [line for line in log.lines if _kind(line) is not Kind.COMMENT]


def _both(log: Log) -> list[str]:
    return [line for line in _without_states(log) if _kind(line) is not Kind.COMMENT]


def _from(part: float) -> Callable[[Log], list[str]]:
    """The log's last lines: cut off after `part` of what stands before the refused instruction."""

    def cut(log: Log) -> list[str]:
        end = log.insn if log.insn is not None else log.first
        return log.lines[log.start + int((end - log.start) * part) :]

    return cut


def _last_instruction(log: Log) -> list[str]:
    return log.lines[log.insn if log.insn is not None else log.first :]


def _insn_and_message(log: Log) -> list[str]:
    insn = [_STATE.sub("", log.lines[log.insn])] if log.insn is not None else []
    return insn + log.said


def _omitted(log: Log) -> list[str]:
    """The beginning, and the last lines: what is between them is counted, as cilium/ebpf does."""
    end = log.insn if log.insn is not None else log.first
    first, last = min(log.start + 8, end), max(end - 2, log.start)
    if first >= last:
        return log.lines
    return [*log.lines[:first], f"\t({last - first} line(s) omitted)", *log.lines[last:]]


def _elided(log: Log) -> list[str]:
    return [re.sub(r"^\t\(\d+ line\(s\) omitted\)$", "[...]", line) for line in _omitted(log)]


def _hole(log: Log) -> list[str]:
    return [line for line in _omitted(log) if not line.startswith("\t(")]


def _no_tail(log: Log) -> list[str]:
    return log.lines[: log.behind]


def _no_message(log: Log) -> list[str]:
    return log.lines[: log.first]


CUTS: dict[str, Callable[[Log], list[str]]] = {
    "the first quarter is gone": _from(0.25),
    "the first half is gone": _from(0.5),
    "three quarters are gone": _from(0.75),
    "from the last instruction on": _last_instruction,
    "last instruction and message": _insn_and_message,
    "message and statistics": lambda log: log.lines[log.first :],
    "message alone": lambda log: log.said,
    "middle out, counted": _omitted,
    "middle out, [...]": _elided,
    "middle out, no mark": _hole,
    "no states": _without_states,
    "no source lines": _without_comments,
    "neither": _both,
    "nothing behind the message": _no_tail,
    "nothing from the message on": _no_message,
    "quoted in a mail": lambda log: [f"> {line}" for line in log.lines],
    "indented": lambda log: [f"    {line}" for line in log.lines],
    "with times": lambda log: [f"2026-03-04T05:06:07.{at:06}Z {line}" for at, line in enumerate(log.lines)],
    "all on one line": lambda log: [" ".join(line.strip() for line in log.lines)],
}
LOSES_MESSAGE = frozenset({"nothing from the message on"})


def load(path: Path) -> bytes:
    return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()


def last_diagnosis(data: bytes) -> Diagnosis | None:
    """What is said of the verifier's message that stands last."""
    reports = diagnosed(RawReport(data, "log", Flavour.LOG, Stage.PASTE))
    found = [each for report in reports for each in report.diagnoses]
    found = [each for each in found if each.finding.block.stage is Stage.VERIFIER] or found
    return found[-1] if found else None


def root(diagnosis: Diagnosis | None) -> int | None:
    return diagnosis.root_cause.insn if diagnosis and diagnosis.root_cause else None


@dataclass
class Rates:
    """What became of the answer under one kind of cut."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, log: str, whole: Diagnosis, cut: Diagnosis | None, message_kept: bool) -> None:
        counts = self.counts
        counts["logs"] += 1
        if message_kept:
            # The message's rule: what the evidence narrows it down to may be in the part that is gone.
            same = cut is not None and cut.finding.rule == whole.finding.rule
            counts["rule"] += same
            if not same:
                became = cut.finding.rule if cut else "no diagnosis"
                self.wrong.append(f"{log}: rule {whole.finding.rule} became {became}")
                return
        if cut is None:
            return
        was, now = root(whole), root(cut)
        if now is None:
            counts["none"] += 1
        elif now == was:
            counts["kept"] += 1
        else:
            counts["wrong"] += 1
            self.wrong.append(f"{log}: {whole.rule}: root cause {was} became {now}, {cut.confidence}")


def stored(folder: Path, every: int) -> Iterator[Path]:
    """Of each case every `every`-th log, another one for each case, so that all kernels are among them."""
    for number, case in enumerate(sorted(path for path in folder.glob("*/*/logs") if path.is_dir())):
        yield from sorted(case.glob("*.log*"))[number % every :: every]


def measure(paths: Iterator[Path], chosen: str | None) -> dict[str, Rates]:
    rates = {name: Rates() for name in CUTS if chosen in (None, name)}
    for path in paths:
        data = load(path)
        whole = last_diagnosis(data)
        if whole is None or whole.finding.block.stage is not Stage.VERIFIER:
            continue
        log = read(data, whole)
        if log is None:
            continue
        for name, each in rates.items():
            cut = last_diagnosis(("\n".join(CUTS[name](log)) + "\n").encode())
            each.add(f"{'/'.join(path.parts[-4:])}: {name}", whole, cut, name not in LOSES_MESSAGE)
    return rates


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--logs", type=Path, default=HERE / "corpus" / "cases")
    options.add_argument("--every", type=int, default=8)
    options.add_argument("--cut", choices=CUTS)
    options.add_argument("--wrong", action="store_true")
    chosen = options.parse_args()
    began = time.process_time()
    rates = measure(stored(chosen.logs, chosen.every), chosen.cut)
    print(f"{'':30} {'logs':>6} {'same rule':>10} {'root cause kept':>16} {'none':>6} {'wrong':>6}")
    for name, each in rates.items():
        n, of = each.counts, max(each.counts["logs"], 1)
        rule = "" if name in LOSES_MESSAGE else f"{100 * n['rule'] / of:.1f} %"
        print(f"{name:30} {of:6} {rule:>10} {100 * n['kept'] / of:14.1f} % {n['none']:6} {n['wrong']:6}")
    if chosen.wrong:
        print(*(line for each in rates.values() for line in each.wrong), sep="\n")
    print(f"({time.process_time() - began:.0f} s)")


if __name__ == "__main__":
    main()
