"""From tries to blame: the compiler's where the same source loads compiled otherwise, this verifier's where a
newer kernel loads it; where nothing loads it, nobody's for that alone.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from bpfdoctor import catalogue, other_kernels
from bpfdoctor.catalogue import UNKNOWN
from bpfdoctor.experiments.witness import Search, words
from bpfdoctor.model.diagnosis import (
    Confidence,
    Diagnosis,
    Fix,
    FixOutcome,
    FixStatus,
    Layer,
    Proof,
    Report,
)
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Kernel, Stage, Verdict
from bpfdoctor.model.trial import Answer, Trial, With

# No compiler is to blame for these: a variable without a value may hold anything, also what suits.
_UNSET = frozenset({"uninitialized-register", "uninitialized-stack"})
# What these refuse is seen when it happens.
_SHOWN_BY_RUNNING = _UNSET | {
    "map-value-bounds", "map-value-or-null", "memory-bounds", "null-dereference", "packet-bounds",
    "stack-bounds", "unbounded-access", "zero-sized-read",
}  # fmt: skip
# These say what the verifier does not know: a limit, a comparison, an end. It may be so for all that.
_NOT_KNOWN = {
    "map-value-bounds", "memory-bounds", "packet-bounds", "stack-bounds", "unbounded-access",
    "map-value-or-null", "unreleased-reference", "zero-sized-read",
}  # fmt: skip
_READS_AGAIN = "COMPILER_READS_AGAIN"  # volatile and barriers ask for it as well
_ENOUGH = 50  # runs that come to an instruction, until it counts that nothing goes wrong there
_MANY = 100  # until it counts for the program: the search makes each input from what came closest
_FREE = (
    "The compiler is free in how it writes this down, and the verifier follows one way better than another."
)


def is_open(report: Report) -> bool:
    """Whether a try can tell more about a refused program."""
    last = report.diagnoses[-1] if report.diagnoses else None
    if last is None or report.verdict is not Verdict.REFUSED or report.program is None:
        return False
    if last.finding.block.stage is not Stage.VERIFIER or last.proof is Proof.WITNESS:
        return False
    if last.proof is Proof.PATH and last.layer is Layer.SOURCE and last.confidence is Confidence.CERTAIN:
        return False
    return last.rule == UNKNOWN or catalogue.load().rule(last.rule).proofs is not None


def judged(report: Report, answers: Sequence[Answer]) -> Report:
    """The report with what the tries say of its program."""
    name = (report.program.name if report.program else None) or ""
    last = report.diagnoses[-1]
    trials = tuple(
        Trial(
            each.way,
            name in each.loads,
            each.loads.get(name),
            name in each.loads and _is_left_out(last, each),
        )
        for each in answers
        if (name in each.loads or name in each.refused)
        and not (last.rule in _UNSET and each.way.changes is not With.KERNEL)
    )
    if not trials:
        return report
    told = replace(_told(report, last, trials), tried=trials)
    return replace(report, diagnoses=(*report.diagnoses[:-1], told))


def by_running(last: Diagnosis, found: Search) -> Diagnosis:
    """What running the refused program on made-up input says of it.

    Where the instruction goes wrong, the program is at fault: no compiler adds a fault to a correct one.
    Where it is come to again and again and never does, the log proves less than it seems to; where it proved
    nothing, it is rather the verifier that does not know enough.
    """
    if found.witness is not None:
        told = replace(last, witness=words(found.witness), witness_input=found.witness.input())
        losing = last.layer in (Layer.LOWERING, Layer.FALSE_POSITIVE) and last.rule in _SHOWN_BY_RUNNING
        if last.rule == UNKNOWN or not (losing or last.layer is Layer.SOURCE):
            return told
        told = replace(told, layer=Layer.SOURCE)
        return replace(told, confidence=Confidence.CERTAIN, confidence_why="", proof=Proof.WITNESS)
    if last.layer is not Layer.SOURCE or found.arrived < _ENOUGH:
        return last
    why = f"it was run on {found.runs} made-up inputs, and never went wrong there"
    if last.proof is Proof.PATH and last.rule in _SHOWN_BY_RUNNING:
        return replace(last, confidence=Confidence.LIKELY, confidence_why=why, proof=Proof.NONE)
    is_open = last.confidence is Confidence.LIKELY and last.proof is Proof.NONE
    if is_open and last.rule in _NOT_KNOWN and found.arrived >= _MANY:
        why = f"{why}: it may be right, and the verifier not see why"
        return replace(last, layer=Layer.FALSE_POSITIVE, confidence_why=why)
    return last


def _is_left_out(last: Diagnosis, answer: Answer) -> bool:
    """Whether no instruction of the refused line reads, writes or calls any more.

    What a compiler can drop need not be right: it may have taken it for undefined, or for useless.
    """
    place = last.location
    if answer.touches is None or place is None:
        return False
    return f"{os.path.basename(place.file)}:{place.line}" not in answer.touches


def _told(report: Report, last: Diagnosis, trials: Sequence[Trial]) -> Diagnosis:
    if (found := next((each for each in trials if each.helps), None)) is None:
        return _refused_everywhere(last, trials)
    if last.witness:  # it goes wrong, whoever loads it
        return last
    if found.way.changes is With.KERNEL:
        return _by_newer(report, trials)
    return replace(
        _certain(last),
        layer=Layer.LOWERING if last.layer is not Layer.LIMIT else last.layer,
        fixes=(_other_way(report, found), *(fix for fix in last.fixes if _may_help(fix, last.layer))),
    )


def _certain(last: Diagnosis) -> Diagnosis:
    """What the message says was never in doubt unless nobody knows the message."""
    if last.rule == UNKNOWN:
        return replace(last, proof=Proof.EXPERIMENT)
    return replace(last, confidence=Confidence.CERTAIN, confidence_why="", proof=Proof.EXPERIMENT)


def _may_help(fix: Fix, layer: Layer) -> bool:
    """What is advised to somebody whose code is at fault need not help, unless a kernel has accepted it."""
    untried = fix.outcome.status is FixStatus.NOT_TRIED and layer is Layer.LOWERING
    return untried or fix.outcome.status is FixStatus.LOADS


def _other_way(report: Report, found: Trial) -> Fix:
    release, capabilities = (report.kernel.release, report.kernel.capabilities) if report.kernel else ("", "")
    title = f"Compile it with {found.way.name}"
    if report.flavour.is_bcc:
        title = f'Let BCC compile it with {found.way.name}: BPF(…, cflags=["{found.way.name}"])'
    return Fix(
        title=title,
        why=_FREE,
        compile=found.way.name,
        outcome=FixOutcome(FixStatus.LOADS, release or None, capabilities or None, found.insns),
    )


def _by_newer(report: Report, trials: Sequence[Trial]) -> Diagnosis:
    """As `check --kernel` tells it of the same kernels."""
    capabilities = report.kernel.capabilities if report.kernel else "full"
    others = [
        replace(
            report,
            verdict=Verdict.LOADS if each.loads else Verdict.REFUSED,
            kernel=Kernel(each.way.name, capabilities),
            diagnoses=(),
        )
        for each in trials
        if each.way.changes is With.KERNEL
    ]
    told = other_kernels.compared([report, *others])[0].diagnoses[-1]
    return told if told.layer is Layer.SOURCE else _certain(told)


def _refused_everywhere(last: Diagnosis, trials: Sequence[Trial]) -> Diagnosis:
    """Not the code's fault for that: what all verifiers lack, they all refuse. Nor certainly the compiler's
    where another compiler reads a number again, too."""
    if last.confidence is Confidence.CERTAIN and last.outcome == _READS_AGAIN and _was_recompiled(trials):
        why = "every clang and flag that was tried is refused as well, so the source may ask for it"
        return replace(last, confidence=Confidence.LIKELY, confidence_why=why, proof=Proof.NONE)
    if last.confidence is not Confidence.LIKELY or last.layer is not Layer.SOURCE:
        return last
    why = "nothing that was tried loads it, which a limit that all verifiers share would explain as well"
    return replace(last, confidence_why=why)


def _was_recompiled(trials: Sequence[Trial]) -> bool:
    """Whether another compiler was among the tries: flags alone leave the same one at work."""
    return any(each.way.changes is With.COMPILER for each in trials)
