"""What is said of one finding: its rule's words, filled with what the log and the source show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bpfdoctor import analysis
from bpfdoctor import linux_errno as errno
from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.explain import Writer, labels_of, place_of, reported_insn
from bpfdoctor.analysis.flow import flow_of
from bpfdoctor.catalogue import AMBIGUOUS, UNKNOWN, WITHOUT_MESSAGE, Catalogue, Rule
from bpfdoctor.catalogue.condition import holds
from bpfdoctor.catalogue.words import Words
from bpfdoctor.model.beside import UsualCause
from bpfdoctor.model.diagnosis import (
    Category,
    Confidence,
    Diagnosis,
    Facts,
    Finding,
    Fix,
    Json,
    Label,
    Layer,
    Loss,
    Place,
    Proof,
    RootCause,
    Severity,
)
from bpfdoctor.model.failure import Failure, Step
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.model.transcript import Level, Transcript
from bpfdoctor.source import Source
from bpfdoctor.trace import Trace
from bpfdoctor.trace.unshown import Unshown

LAST_STEPS = 5
LOG_ALONE = "the log alone cannot tell whether the code, its compiler or this kernel is at fault"
OF_SCRIPT = "bpftrace made this code: the script, or this version of bpftrace, may be at fault"
SCRIPT_NOTE = (
    "Another version of bpftrace may make other code of the same script. Fewer and shorter strings (the "
    "variable BPFTRACE_MAX_STRLEN, str() with a length), members instead of whole structures, and smaller "
    "map keys make less of it."
)
OTHER_HEADERS = "the headers of another kernel, or its vmlinux.h, may have it"
_MOST_NAMED = 4  # rules that a piece of a message can be about
# What a loader says beside the error: a hint, or trouble that it went on after.
_SIDE_REMARKS = {Level.NOTE: Severity.NOTE, Level.WARNING: Severity.WARNING}


def diagnosis_of(
    raw: RawReport, part: Transcript, finding: Finding, source: Source, trace: Trace, rules: Catalogue
) -> Diagnosis:
    block = finding.block
    rule = rules.rule(finding.rule)
    context = Context(finding, trace, source, raw, part)
    search = trace.search()
    if finding.advice is not None or rule.classified:
        return _failed_step(rule, context)
    is_piece = bool(finding.could_be) and rule.name != AMBIGUOUS  # the message's values are not all there
    answer = analysis.collect(rule.evidence, context) if rule.evidence and not is_piece else None
    found = answer if isinstance(answer, Found) else None
    facts, outcome = (found.facts, found.outcome.name) if found else (None, None)
    # The collector looked for what the log does not show: what it found may be only the last of it.
    unshown = None if facts and facts.settled else search.unshown
    category = Category(rule.category)
    collector = rule.evidence  # before a narrower rule takes over
    if (narrower := rule.words(outcome, finding.kind).becomes) is not None:
        rule = rules.rule(narrower)
    words, writer = rule.words(outcome, finding.kind), Writer(context, facts)

    def slot(key: str) -> str:
        sentence = words.slots.get(key)
        if sentence is None or (is_piece and not writer.can_say(sentence)):
            return ""
        return writer.sentence(key, sentence)

    location = _location(context, facts)
    lacking = _lacking(finding, part, rule, answer, unshown)
    confidence, why = _confidence(finding, rule, lacking)
    is_shown = not unshown or context.invalidated is not None
    diagnosis = Diagnosis(
        finding=finding,
        id=rule.id,
        rule=rule.name,
        category=(facts.category if facts else None) or words.category or category,
        layer=(facts.layer if facts else None) or words.layer or rule.layer,
        severity=_SIDE_REMARKS.get(block.severity, rule.severity),
        confidence=confidence,
        confidence_why=why,
        message=rule.title,
        outcome=outcome or finding.kind,
        insn=reported_insn(context, facts),
        location=location,
        headline=slot("headline"),
        wants=slot("wants"),
        has=slot("has"),
        other_kernels=None,
        lost="" if unshown else slot("why"),
        note=slot("note") or _near(finding, rules),
        facts=facts,
        public=_public(collector, facts, context) if facts and collector else None,
        labels=() if is_piece else (*labels_of(words, context, facts, writer), *_repeated(context)),
        root_cause=_root_cause(rule, context, facts, slot("cause")) if is_shown else None,
        flow=flow_of(context, facts),
        last_steps=_last_steps(trace) if finding.rule == UNKNOWN else (),
        fixes=() if is_piece else _fixes(rule, words, context, facts, writer),
        usual=_usual(rule, context) if lacking else (),
        ask_for=_ask_for(raw, part) if lacking else "",
        faults=tuple(f"{rule.name}: {fault}" for fault in writer.faults),
    )
    if rule.newer:
        from bpfdoctor import other_kernels

        diagnosis = other_kernels.with_history(diagnosis, rule, context)
    return _of_script(_blamed(diagnosis, rule, context, facts), context)


def _of_script(diagnosis: Diagnosis, context: Context) -> Diagnosis:
    """What bpftrace makes of a script is no C of the author's: nothing in it can be changed by hand."""
    block = context.finding.block
    is_code = block.stage is Stage.VERIFIER or (
        block.stage is Stage.COMPILER and block.file in (None, "<unknown>")
    )
    if not is_code or context.raw.flavour is not Flavour.LOG:
        return diagnosis
    from bpfdoctor.analysis.lib import rerun_hint

    if not rerun_hint.is_bpftrace(context.transcript):
        return diagnosis
    if diagnosis.layer is Layer.ENVIRONMENT:
        return replace(diagnosis, fixes=())
    told = replace(diagnosis, note=f"{diagnosis.note} {SCRIPT_NOTE}".strip(), fixes=())
    if diagnosis.layer is Layer.LIMIT:
        return told
    told = replace(told, layer=Layer.LOWERING, proof=Proof.NONE)
    is_certain = told.confidence is Confidence.CERTAIN
    return replace(told, confidence=Confidence.LIKELY, confidence_why=OF_SCRIPT) if is_certain else told


def _is_of_another_header(context: Context) -> bool:
    """Whether a compiler misses a structure, or something in one, that the user's files do not define.

    Another kernel's headers, or its vmlinux.h, may have it.
    """
    type = context.captures.get("type")
    if context.finding.block.stage is not Stage.COMPILER or not isinstance(type, str):
        return False
    kind, _, name = type.removeprefix("const ").partition(" ")
    if kind not in ("struct", "union", "enum") or not name.isidentifier():
        return False
    defined = re.compile(rf"\b{kind}\s+{name}\s*\{{")
    return not any(defined.search(file.text) for file in context.raw.files)


def _public(collector: str, facts: Facts, context: Context) -> Mapping[str, Json]:
    from bpfdoctor.analysis.public import public

    return public(collector, facts, context)


def _blamed(diagnosis: Diagnosis, rule: Rule, context: Context, facts: Facts | None) -> Diagnosis:
    """The diagnosis with what proves its layer; only likely where nothing in the log does."""
    if diagnosis.confidence is not Confidence.CERTAIN:
        return diagnosis
    if rule.proofs is None:
        if diagnosis.layer is Layer.SOURCE and _is_of_another_header(context):
            return replace(diagnosis, confidence=Confidence.LIKELY, confidence_why=OTHER_HEADERS)
        if facts is not None and not facts.layer_shown:
            return replace(diagnosis, confidence=Confidence.LIKELY, confidence_why=LOG_ALONE)
        return replace(diagnosis, proof=Proof.MESSAGE)
    if diagnosis.layer is Layer.SOURCE:
        from bpfdoctor.analysis import blame

        if not blame.proved(rule.proofs, diagnosis.outcome, context, facts):
            return replace(diagnosis, confidence=Confidence.LIKELY, confidence_why=LOG_ALONE)
    elif facts is not None and not facts.layer_shown:
        return replace(diagnosis, confidence=Confidence.LIKELY, confidence_why=LOG_ALONE)
    return replace(diagnosis, proof=Proof.PATH)


_NOT_THE_SOURCE = (errno.EPERM, errno.EACCES, errno.ENOMEM)


def _failed_step(rule: Rule, context: Context) -> Diagnosis:
    """What is said of a failed step of loading: advice where there is some, else what its error means."""
    from bpfdoctor.analysis import failed_step, own_load

    finding, raw = context.finding, context.raw

    failure, advice = finding.block.failure, failed_step.advice_of(rule, finding.advice)
    confidence, why = failed_step.confidence(advice)
    words = failure.extack or failure.said if failure else ""
    declared, layer = _declared_wrong(failure, raw)
    ours = None if declared else own_load.told_of(raw, failure)
    if declared or (ours is not None and ours.is_shown):
        confidence, why = Confidence.CERTAIN, ""
    means, following = failed_step.means(failure, advice), failed_step.next_step(failure, advice)
    if ours is not None:
        means, following = ours.means or means, ours.next
    return Diagnosis(
        finding=finding,
        id=rule.id,
        rule=rule.name,
        category=Category(rule.category),
        layer=Layer.ENVIRONMENT if failure and failure.errno in _NOT_THE_SOURCE else layer or rule.layer,
        severity=_SIDE_REMARKS.get(finding.block.severity, rule.severity),
        confidence=confidence,
        confidence_why=why,
        message=rule.title,
        outcome=finding.kind,
        insn=None,
        headline=failed_step.headline(failure) if failure else words,
        means=declared or means,
        next_step=following,
        proof=Proof.MESSAGE if confidence is Confidence.CERTAIN else Proof.NONE,
        fixes=_placed(rule, context) if declared else (),
    )


def _placed(rule: Rule, context: Context) -> tuple[Fix, ...]:
    """The fixes that know where to change what; a failed step has no examples."""
    found = _fixes(rule, rule.words(None, context.finding.kind), context, None, Writer(context, None))
    return tuple(fix for fix in found if fix.edits)


def _declared_wrong(failure: Failure | None, raw: RawReport) -> tuple[str, Layer | None]:
    """What the kernel does not take in the declaration of a map that it refused ("" where nothing shows), and
    what that makes the layer.
    """
    if failure is None or failure.step is not Step.MAP or failure.errno != errno.EINVAL or not raw.object:
        return "", None
    from bpfdoctor.analysis import map_declaration

    name = failure.map or failure.target or ""
    said, layer = map_declaration.wrong(raw.object, name, raw.kernel.release if raw.kernel else "")
    return said, layer if said else None


def _repeated(context: Context) -> Iterator[Label]:
    """The other places at which a compiler says the same."""
    start = context.finding.block.start
    for file, line, column in context.finding.block.also:
        if file and line:
            yield Label(
                "also", "the same here", place=context.source.compiler_place(file, line, column, start)
            )


def _near(finding: Finding, rules: Catalogue) -> str:
    """The rules that a piece of a message can be about, or that are nearest to one that nobody knows."""
    if finding.rule == AMBIGUOUS:
        titles = [f"{name} ({rules.rule(name).title})" for name in finding.could_be[:_MOST_NAMED]]
        more = len(finding.could_be) - len(titles)
        rest = f", and {more} more" if more else ""
        return f"It can be: {'; '.join(titles)}{rest}."
    if finding.rule != UNKNOWN or not finding.block.lines:
        return ""
    near = [f"{one.rule} ({', '.join(one.words[:3])})" for one in rules.nearest(finding.block.lines)]
    return f"Nearest rules, by the words they share: {', '.join(near)}." if near else ""


def _named(context: Context) -> int | None:
    """The instruction that the message names, when it is not the last one in the log.

    What a whole walk brought to light is said after it: "bpf_throw kfunc (insn 20) cannot be called …".
    """
    named = context.captures.get("insn")
    is_last = context.step is not None and context.step.insn.index == named
    return named if isinstance(named, int) and not is_last else None


def _location(context: Context, facts: Facts | None) -> Place | None:
    block = context.finding.block
    named = facts.insn if facts and facts.insn is not None else _named(context)
    if named is not None and (place := context.source.place_at(named)):
        return place
    if context.step is not None and (place := context.source.place(context.step)):
        return place
    if facts and facts.refused_at and block.stage in (Stage.PASTE, Stage.COMPILER):
        return facts.refused_at
    return context.source.block_place(block) if block.file else None


def _root_cause(rule: Rule, context: Context, facts: Facts | None, said: str) -> RootCause | None:
    """Where the facts say it was lost; else the refused step itself, when the log shows one.

    What the kernel's own report (7.3) calls invalidated is the cause, whatever else is seen.
    """
    refused = context.step if _named(context) is None else None
    cause = facts.cause if facts and facts.cause else refused
    text = said or (facts.why if facts else Loss.UNKNOWN).value
    if not context.finding.block.lines and context.finding.rule == UNKNOWN:
        return None  # the log ends before the message: nothing says that its last step was refused
    told = context.invalidated
    if told is not None and told.insn is not None and (cause is None or cause.insn.index != told.insn):
        return RootCause(told.text, told.insn, context.source.place_at(told.insn))
    if cause is not None:
        at = facts.caused_at if facts is not None else None
        return RootCause(text, cause.insn.index, at or place_of(context, cause), cause.number)
    # The message names an instruction that no path shown in the log walks over.
    insn = facts.insn if facts else None if rule.evidence else reported_insn(context, facts)
    return RootCause(text, insn, context.source.place_at(insn)) if isinstance(insn, int) else None


def _lacking(
    finding: Finding, part: Transcript, rule: Rule, answer: Found | NotShown | None, unshown: Unshown | None
) -> str:
    """What the log lacks, so that it does not show the cause; "" when it does."""
    if rule.name == WITHOUT_MESSAGE:
        return "the verifier's message is not in this text"
    if finding.block.stage is not Stage.VERIFIER:
        return ""
    if finding.could_be:
        return "only a piece of the message is here"
    if part.stats.processed == 0:
        return ""  # refused before its first instruction: there is no more to show
    if finding.step is None and finding.block.lines:
        from_object = isinstance(answer, Found) and answer.facts.from_object
        if finding.block.detached:
            return "somebody left out the lines right before the message"
        return "" if from_object else "the log has the message only"
    if isinstance(answer, NotShown):
        return answer.why
    return unshown.value if unshown else ""


def _confidence(finding: Finding, rule: Rule, lacking: str) -> tuple[Confidence, str]:
    if rule.name == WITHOUT_MESSAGE:
        return Confidence.GUESS, lacking
    if rule.name == UNKNOWN:
        return Confidence.GUESS, "no rule knows this message"
    if rule.name == AMBIGUOUS:
        return Confidence.GUESS, "only a piece of the message is here, and it fits several"
    if finding.unmatched:
        return (
            Confidence.LIKELY,
            f"one more line was printed that this rule does not know: {finding.unmatched[0]}",
        )
    return (Confidence.LIKELY, lacking) if lacking else (Confidence.CERTAIN, "")


def _usual(rule: Rule, context: Context) -> tuple[UsualCause, ...]:
    """The rule's usual causes, without those that the lines of the log rule out."""
    if not rule.usual:
        return ()
    from bpfdoctor.analysis.lib.log_summary import shown

    seen = shown(context)
    values = {**{name: getattr(seen, name) for name in seen.__slots__}, **context.captures}
    return tuple(
        UsualCause(each.cause, each.because)
        for each in rule.usual
        if all(holds(condition, values) for condition in each.when)
        # Of a piece nobody knows what the whole message says.
        and not (context.finding.could_be and "message" in each.because)
    )


def _last_steps(trace: Trace) -> tuple[str, ...]:
    from bpfdoctor.trace.ranges import step_in_words

    steps = [step for step, _ in zip(trace.steps(), range(LAST_STEPS), strict=False)]
    return tuple(step_in_words(step) for step in reversed(steps))


def _fixes(
    rule: Rule, words: Words, context: Context, facts: Facts | None, writer: Writer
) -> tuple[Fix, ...]:
    from bpfdoctor import fixes

    offered = (
        rule.fixes
        if words.fixes is None
        else [each for name in words.fixes for each in rule.fixes if each.name == name]
    )
    return fixes.suggest(offered, context, facts, writer) if offered else ()


def _ask_for(raw: RawReport, part: Transcript) -> str:
    """The one command that would tell; "" where we ran everything ourselves."""
    if raw.flavour is not Flavour.LOG:
        return ""
    from bpfdoctor.analysis.lib.rerun_hint import command

    return command(part)
