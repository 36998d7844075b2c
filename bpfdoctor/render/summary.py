"""A stored run as a table, program × kernel, and its findings: for a CI job's summary page, or a comment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from bpfdoctor.model.record import dataclass
from bpfdoctor.render import Canvas, rule_page
from bpfdoctor.render.escape import one_line
from bpfdoctor.render.words import plural
from bpfdoctor.stored_runs import column

_SPECIAL = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|!~"})
_MOST = 500_000  # characters: GitHub takes a megabyte of a step's summary, counted in bytes
Report = Mapping[str, Any]  # of docs/json.md


@dataclass(frozen=True, slots=True)
class Counts:
    """What a job decides by. A program that three kernels refuse is refused once."""

    programs: int
    refused: int
    warnings: int
    unanswered: int

    @property
    def lines(self) -> str:
        """`refused=1`, one a line: what $GITHUB_OUTPUT and GitLab's dotenv reports take."""
        return "".join(f"{name}={getattr(self, name)}\n" for name in self.__slots__)

    @property
    def sentence(self) -> str:
        """`1 of 12 programs refused, 2 warnings`."""
        parts = [
            f"{self.refused} of {plural(self.programs, 'program')} refused"
            if self.refused
            else f"{plural(self.programs, 'program')}, none refused",
            plural(self.warnings, "warning") if self.warnings else "",
            f"{self.unanswered} without an answer" if self.unanswered else "",
        ]
        return ", ".join(filter(None, parts))


def counts(reports: Sequence[Report], problems: Sequence[Report]) -> Counts:
    """`refused` are programs with an error: refused, not compiled, not loaded, or that will not fire."""
    keys = {_key(report) for report in reports}
    refused = {_key(report) for report in reports if _is_refused(report)}
    silent = {_key(report) for report in reports if report["verdict"] in ("no-answer", "unknown")}
    warnings = {
        (_key(report), finding["rule"], str(finding["location"]))
        for report in reports
        for finding in report["findings"]
        if finding["severity"] == "warning"
    }
    return Counts(len(keys), len(refused), len(warnings), len(silent) + len(problems))


def markdown(reports: Sequence[Report], problems: Sequence[Report], canvas: Canvas, files: str) -> str:
    """A line of counts, the table, and each finding once. `files`: the address that a file's path is added
    to ("": no links).
    """
    counted = counts(reports, problems)
    page = _Page(canvas, files)
    sign = "❔" if counted.unanswered else "❌" if counted.refused else "⚠️" if counted.warnings else "✅"
    parts = [f"### {sign} bpfdoctor: {counted.sentence}\n"]
    if reports:
        parts.append("\n".join(page.table(reports)) + "\n")
    said = [*page.findings(reports), *page.problems(problems)]
    room = _MOST - sum(map(len, parts))
    for number, line in enumerate(said):
        if (room := room - len(line) - 1) < 0:
            parts.append(f"\n… and {len(said) - number} more.")
            break
        parts.append(line)
    return "\n".join(parts).rstrip("\n") + "\n"


@dataclass(frozen=True, slots=True)
class _Page:
    canvas: Canvas
    files: str

    def table(self, reports: Sequence[Report]) -> Iterator[str]:
        """A row for each program, a column for each kernel."""
        kernels = sorted({column(report) for report in reports}, key=_by_release)
        rows: dict[tuple[str, str], dict[str, Report]] = {}
        for report in reports:
            rows.setdefault(_key(report), {})[column(report)] = report
        heads = [_text(kernel) or "verdict" for kernel in kernels]
        yield f"| program | {' | '.join(heads)} |"
        yield "|---" * (len(kernels) + 1) + "|"
        for (source, program), told in rows.items():
            name = f"{self._file(source, source)}{f' {_text(program)}' if program else ''}"
            cells = [self._cell(told[kernel]) if kernel in told else "" for kernel in kernels]
            yield f"| {name} | {' | '.join(cells)} |"

    def _cell(self, report: Report) -> str:
        rules = ", ".join(dict.fromkeys(map(self._rule, report["findings"])))
        verdict = report["verdict"]
        if _is_refused(report):
            return f"❌ {rules or verdict.replace('-', ' ')}"
        if verdict in ("no-answer", "unknown"):
            return "❔ no answer"
        if rules:
            return f"⚠️ {rules}"
        if excused := report.get("excused"):
            names = ", ".join(dict.fromkeys(_text(each["rule"]) for each in excused))
            return f"✅ {'expected' if all(each['expected'] for each in excused) else 'ignored'}: {names}"
        insns = report.get("insns")
        if verdict == "loads":
            return f"✅ {insns:,}" if isinstance(insns, int) else "✅"
        answer: str = (report.get("preflight") or {}).get("answer") or verdict
        return {"not-asked": "compiles", "can-fire": "✅ can fire"}.get(answer, answer.replace("-", " "))

    def findings(self, reports: Sequence[Report]) -> Iterator[str]:
        """Each finding once, with the kernels that it was met on."""
        lines: dict[str, None] = {}
        for report in reports:
            for finding in report["findings"]:
                where = finding["location"]
                place = self._place(where) if where else self._file(report["source"], report["source"])
                said = ": ".join(_text(finding[part]) for part in ("message", "headline") if finding[part])
                on = f" (on {_text(', '.join(finding['kernels']))})" if len(finding["kernels"]) > 1 else ""
                lines[f"- {place}: **{self._rule(finding)}**: {said}{on}"] = None
        return iter(lines)

    def problems(self, problems: Sequence[Report]) -> Iterator[str]:
        for each in problems:
            yield f"- not examined: {_text(each['message'])}"

    def _rule(self, finding: Report) -> str:
        name = _text(finding["rule"])
        address = rule_page.address(quote(finding["rule"]), self.canvas.site)
        return f"[{name}]({address})" if address else name

    def _place(self, where: Report) -> str:
        text = f"{where['file']}:{where['line']}"
        return self._file(where["file"], text, f"#L{where['line']}")

    def _file(self, file: str, text: str, fragment: str = "") -> str:
        path = self.canvas.path(file)
        if not self.files or file == "-" or path.startswith(("/", "../")):
            return _text(text)
        address = f"{self.files.rstrip('/')}/{quote(path, errors='surrogatepass')}{fragment}"
        return f"[{_text(text)}]({address})"


def _key(report: Report) -> tuple[str, str]:
    program = report["program"] or {}
    return report["source"], " ".join(filter(None, (program.get("name"), *report["settings"])))


def _is_refused(report: Report) -> bool:
    """What comments in the source excuse counts as fine."""
    found = any(finding["severity"] == "error" for finding in report["findings"])
    failed = report["verdict"] in ("refused", "not-compiled", "not-loaded")
    return found or (failed and not report.get("excused"))


def _by_release(kernel: str) -> tuple[list[int], str]:
    """5.10 before 5.4 in text, after it in releases."""
    release = kernel.partition(" ")[0].partition("-")[0]
    return [int(number) for number in release.split(".") if number.isdecimal()], kernel


def _text(text: str) -> str:
    return one_line(text).translate(_SPECIAL)
