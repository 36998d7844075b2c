"""The sentences that several formats share: what became of a program, what a fix is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from bpfdoctor.model.diagnosis import (
    Confidence,
    Diagnosis,
    Fix,
    FixStatus,
    Report,
    Safety,
    Severity,
    Standing,
)
from bpfdoctor.model.preflight import PreflightReport
from bpfdoctor.model.report import Verdict
from bpfdoctor.model.trial import With


def named(source: str) -> str:
    """What people call a source: `-` is what came through the pipe."""
    return "standard input" if source == "-" else source


def program(report: Report) -> str:
    """`drop_dns (xdp)`; "" when the program has no name."""
    if report.program is None or not report.program.name:
        return ""
    kind = report.program.type or report.program.section
    if isinstance(report, PreflightReport) and report.hook and report.hook.target:
        kind = f"{report.hook.kind} {report.hook.target}"
    return f"{report.program.name} ({kind})" if kind else report.program.name


def became(report: Report) -> str:
    """The verdict in words, without the file's name; for reports without findings."""
    who = program(report) or "the program"
    if report.standing is Standing.EXCUSED:
        return f"{who} {_became_excused(report)}"
    if isinstance(report, PreflightReport):
        said = "; ".join(report.unknown)
        return f"not known: {who}: {said}" if said else f"{who} {report.answer.in_words}"
    match report.verdict:
        case Verdict.LOADS if report.programs > 1:
            return f"{report.programs} more programs load"
        case Verdict.LOADS:
            return f"{who} loads" + (f", {report.insns} insns" if report.insns is not None else "")
        case Verdict.REFUSED:
            return f"{who} was refused, and nothing says why"
        case Verdict.NOT_COMPILED:
            return "it does not compile, and the compiler does not say why"
        case Verdict.NOT_LOADED:
            return f"{who} was not loaded, and nothing says why"
        case Verdict.NOT_ASKED:
            return f"{who} compiles; no kernel was asked"
        case Verdict.NO_ANSWER:
            return f"no answer about {who}: {report.no_answer.rstrip('.') or 'nothing says why'}"
        case Verdict.NO_COMPLAINT if report.programs > 1:
            return f"{report.programs} more logs hold no complaint"
        case Verdict.NO_COMPLAINT:
            walked = f" ({plural(report.insns, 'insn')})" if report.insns is not None else ""
            return (
                f"the verifier's log of {who}{walked} holds no complaint; if it was not loaded, the reason "
                "is in what the loader printed after it: add that"
            )
        case Verdict.UNKNOWN:
            return (
                "nothing could be read in this text: no verifier log, no compiler error, no loader's failure"
            )
        case _:
            assert_never(report.verdict)


def _became_excused(report: Report) -> str:
    """`was refused, as expected (packet-bounds)`, or what a comment ignores."""
    rules = ", ".join(dict.fromkeys(each.diagnosis.rule for each in report.excused))
    failed = _FAILED[report.verdict]
    if all(each.expected for each in report.excused):
        return f"{failed}, as expected ({rules})"
    why = next((each.why for each in report.excused if each.why), "")
    return f"{failed}; a comment ignores why ({rules}{f': {why}' if why else ''})"


_FAILED = {
    Verdict.REFUSED: "was refused",
    Verdict.NOT_COMPILED: "does not compile",
    Verdict.NOT_LOADED: "was not loaded",
}


def told(diagnosis: Diagnosis) -> str:
    """`this access can run past the end of the packet: 4 more bytes must be checked first`."""
    said = lowered(diagnosis.message)
    return f"{said}: {diagnosis.headline}" if diagnosis.headline else said


def bare_failure(report: Report) -> str:
    """What failed and is said by no finding, as a sentence; "" where there is no such thing."""
    match report.standing:
        case Standing.FOUND:
            return "" if report.diagnoses else became(report)
        case Standing.UNANSWERED:
            return became(report) if report.verdict in (Verdict.NO_ANSWER, Verdict.UNKNOWN) else ""
        case Standing.FINE | Standing.WARNED | Standing.EXCUSED | Standing.NOT_ASKED | Standing.NOTHING:
            return ""
        case _:
            assert_never(report.standing)


def tally(reports: Sequence[Report]) -> str:
    """`3 programs: 1 loads, 2 refused (kernel 6.18.44)`."""
    counts: dict[tuple[str, str], int] = {}
    for one in sorted(
        (each for each in reports if not each.settings),
        key=lambda report: list(Verdict).index(report.verdict),
    ):
        words = _counted(one)
        counts[words] = counts.get(words, 0) + one.programs
    kernels = sorted({_kernel(report) for report in reports} - {""})
    on = f" (kernel {', '.join(kernels)})" if kernels else ""
    total = plural(sum(counts.values()), "program")
    parts = [
        f"{words[count != 1]}" if len(counts) == 1 else f"{count} {words[count != 1]}"
        for words, count in counts.items()
    ]
    others = sum(bool(each.settings) for each in reports)
    shapes = f"; {plural(others, 'refusal')} in other shapes" if others else ""
    excused = f"; {hidden}" if (hidden := by_comments(reports)) else ""
    return f"{total}{' ' if len(counts) == 1 else ': '}{', '.join(parts)}{shapes}{on}{excused}"


def by_comments(reports: Sequence[Report]) -> str:
    """`2 findings expected (packet-bounds), 1 ignored (stack-too-large)`: what comments have hidden."""
    parts: list[str] = []
    for expected, word in ((True, "expected"), (False, "ignored")):
        causes = {
            (
                report.source,
                report.program.name if report.program else "",
                each.diagnosis.rule,
                each.diagnosis.location,
            )
            for report in reports
            for each in report.excused
            if each.expected is expected
        }
        if causes:
            rules = sorted({rule for _, _, rule, _ in causes})
            count = str(len(causes)) if parts else plural(len(causes), "finding")
            parts.append(f"{count} {word} ({', '.join(rules)})")
    return ", ".join(parts)


def _counted(report: Report) -> tuple[str, str]:
    """What is said of one program, and of several, with this verdict."""
    if isinstance(report, PreflightReport):
        return report.answer.in_words, report.answer.in_words
    match report.verdict:
        case Verdict.LOADS:
            return "loads", "load"
        case Verdict.NOT_ASKED:
            return "compiles", "compile"
        case Verdict.NO_COMPLAINT:
            return "without a complaint", "without a complaint"
        case Verdict.UNKNOWN:
            return "without a verdict", "without a verdict"
        case Verdict.NO_ANSWER:
            return "without an answer", "without an answer"
        case Verdict.REFUSED | Verdict.NOT_COMPILED | Verdict.NOT_LOADED:
            words = report.verdict.value.replace("-", " ")
            return words, words
        case _:
            assert_never(report.verdict)


def _kernel(report: Report) -> str:
    if report.kernel is None:
        return ""
    held = "" if report.kernel.capabilities == "full" else f", {report.kernel.capabilities}"
    return report.kernel.release + held


def plural(count: int, noun: str, more: str = "") -> str:
    """`1 program`, `2 programs`, `2 branches`."""
    return f"{count} {noun if count == 1 else more or noun + 's'}"


def lowered(text: str) -> str:
    """A title inside a line: `This access can …` becomes `this access can …`; BTF, R1 and Linux stay."""
    word = text.split(" ", 1)[0]
    plain = word.isalpha() and word[1:] == word[1:].lower() and word not in ("Linux", "I")
    return text[:1].lower() + text[1:] if plain else text


_LEVELS = {
    Confidence.LIKELY: "likely, not certain",
    Confidence.GUESS: "a guess",
    Confidence.CLASSIFIED: "classified, no cause shown",
}


def confidence(diagnosis: Diagnosis) -> str:
    """A sentence when the diagnosis is not certain, else ""."""
    if diagnosis.confidence is Confidence.CERTAIN:
        return ""
    level = _LEVELS[diagnosis.confidence]
    return f"{level}: {diagnosis.confidence_why}" if diagnosis.confidence_why else level


def tried(diagnosis: Diagnosis) -> str:
    """What was tried with the same source, up to what helped: `-mcpu=v3: refused; clang-19: loads`."""
    compiled = [each for each in diagnosis.tried if each.way.changes is not With.KERNEL]
    helps = [each.way.name for each in compiled if each.helps]
    without = [each.way.name for each in compiled if each.left_out]
    refused = [each.way.name for each in compiled if not each.loads]
    kernels = [
        each.way.name for each in diagnosis.tried if each.way.changes is With.KERNEL and not each.loads
    ]
    left_out = f"with {_or(without)} it loads because the compiler leaves this out" if without else ""
    if helps:
        said = f"the same source loads with {helps[0]}" + (f", not with {_or(refused)}" if refused else "")
        return "; ".join(filter(None, (said, left_out)))
    parts = [f"with {_or(refused)}" if refused else "", f"by Linux {_or(kernels)}" if kernels else ""]
    said = f"refused as well {', and '.join(filter(None, parts))}" if any(parts) else ""
    return "; ".join(filter(None, (said, left_out)))


def _or(names: Sequence[str]) -> str:
    """`a, b or c`"""
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def why(diagnosis: Diagnosis) -> str:
    """What stands before the reason: a program with a warning need not fail."""
    return "why it fails" if diagnosis.severity is Severity.ERROR else "why"


def steps(fix: Fix) -> str:
    """What a patch of several changes is made of; "" for one change."""
    if not fix.steps:
        return ""
    titles = dict.fromkeys(map(lowered, fix.steps))
    return "Each change uncovered the next refusal: " + "; then ".join(titles) + "."


def fix_kind(fix: Fix) -> str:
    """`fix`, `suggestion` or `advice`."""
    if fix.outcome.status is FixStatus.LOADS:
        return "fix"
    return "suggestion" if fix.edits or fix.example else "advice"


def fix_head(fix: Fix, report: Report) -> str:
    """`fix, loaded on this kernel (6.18.44, 26 insns)`; a suggestion until a kernel has accepted it.

    Without a patch, and without an example in the user's own names, it is advice.
    """
    outcome = fix.outcome
    if outcome.status is FixStatus.LOADS:
        here = report.kernel is not None and outcome.kernel == report.kernel.release
        count = f"{outcome.insns} insns" if outcome.insns is not None else ""
        held = "" if outcome.capabilities in (None, "full") else f"capabilities {outcome.capabilities}"
        inside = ", ".join(filter(None, (outcome.kernel if here else "", count, held)))
        where = "this kernel" if here else (outcome.kernel or "a kernel")
        head = f"fix, loaded on {where}" + (f" ({inside})" if inside else "")
        if fix.compile:
            head += f": compile it with {fix.compile}"
    elif outcome.status is FixStatus.STILL_REFUSED:
        by = f" ({outcome.refused_by})" if outcome.refused_by else ""
        still = f"{outcome.kernel} still refuses the program" if outcome.kernel else "not all is mended"
        head = f"suggestion; with it alone {still}{by}"
    elif fix_kind(fix) == "suggestion":
        head = "suggestion, not tried on a kernel yet"
    else:
        return fix_kind(fix)
    if fix.safety is Safety.UNSAFE:
        head += "; it may change what the program does"
    return head
