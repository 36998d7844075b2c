"""What a rule is: the values that the checked head of its file (head.py) is made into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpfdoctor import linux_errno
from bpfdoctor.catalogue.sentence import Sentence
from bpfdoctor.catalogue.words import MESSAGE, Words, compiled, layered
from bpfdoctor.model.diagnosis import Category, Layer, Safety, Severity
from bpfdoctor.model.failure import ENOTSUPP, Step
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass, field
from bpfdoctor.model.report import Stage

NO_ERRNO = "none"


@dataclass(frozen=True, slots=True)
class Match:
    """One way to recognise a rule: the templates of an error block, in order; or, without lines, an errno."""

    lines: tuple[str, ...]
    when: tuple[str, ...] = ()  # conditions on the bound numbers, all of them: "off + size <= 0"
    stage: Stage = Stage.VERIFIER
    errno: int | None = None  # positive; the block must have failed with it
    priority: int = 0
    summary: bool = False  # wraps the message before it: wins only where nothing else matches
    decides: bool = False  # says more than the messages before it, which it always comes after
    examples: tuple[tuple[str, ...], ...] = ()  # real blocks; each must reach this rule and no other
    message: str = MESSAGE  # which of the kinds of messages that the rule tells apart


@dataclass(frozen=True, slots=True)
class FixSpec:
    """How to mend it. `name` is what outcomes call it, `use` the fixer; `title` and `why` are sentences.

    `code` (jinja2) holds the lines to insert: the fixer gives the names. `example` (jinja2) has lines that
    start with "+", "-" or " "; it is shown when the source is not at hand. `only_placed`: nothing is said
    of it where the fixer finds no place for it.
    """

    title: Sentence
    name: str = ""
    use: str | None = None
    why: Sentence = ()
    safety: Safety = Safety.SAFE
    code: str = ""
    example: str = ""
    only_placed: bool = False


@dataclass(frozen=True, slots=True)
class Usual:
    """One of the causes that people meet, for logs that show none: the most usual stands first.

    `because` is the reason for its place in the list. `when` are conditions (condition.py), all of them, that
    a log must fulfil: on what the message binds, and on what else it shows (analysis/lib/log_summary.py).
    """

    cause: str
    because: str
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """What a failed step of loading means: chosen by the step, the kind of target and the error number.

    `kinds`, `errnos` and `words` (lower case, in the loader's line) narrow it; without them it is for all.
    The error number 0 ("none") is that of a line without one.
    `means` says why the kernel or the loader gives this error there, `next` what the user does. `source` is
    the code or page that says so. `classified`: it only tells what the number stands for; the cause is open.
    """

    step: Step
    means: str
    next: str
    source: str
    kinds: tuple[str, ...] = ()
    errnos: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    classified: bool = False
    examples: tuple[str, ...] = ()  # lines of loaders that reach it


@dataclass(frozen=True, slots=True)
class Rule:
    """The head of rules/TOPIC/NAME.md."""

    id: str
    name: str
    topic: str
    title: str
    category: Category
    layer: Layer = Layer.SOURCE
    severity: Severity = Severity.ERROR
    since: str | None = None
    before: str | None = None  # a loader's hint: it says nothing to kernels of this version or later
    matches: tuple[Match, ...] = ()
    evidence: str | None = None
    said: Mapping[str, Any] = field(default_factory=dict)  # the tables of what it says, compiled
    shared: Mapping[str, Any] = field(default_factory=dict)  # the same of its collector's rules
    usual: tuple[Usual, ...] = ()
    fixes: tuple[FixSpec, ...] = ()
    newer: tuple[Newer, ...] = ()
    # blame.toml: for each outcome at which a log can prove the source at fault, how. None: the message does.
    proofs: Mapping[str, str] | None = None
    advice: tuple[Advice, ...] = ()
    classified: bool = False  # it recognises who failed at which step, and knows no cause

    def words(self, outcome: str | None, message: str = MESSAGE) -> Words:
        """What it says at this outcome of its collector (None: it found nothing), for such a message."""
        return layered(self.said, self.shared, outcome, message)


@dataclass(frozen=True, slots=True)
class Newer:
    """What later verifiers accept and earlier ones refuse with the rule's message: verifier_history.toml."""

    name: str
    since: str  # the oldest kernel known to accept it: "6.12"
    before: str  # the newest known to refuse it
    why: str
    right: bool = True  # False: it passes, but the program is not right for that
    message: str = ""  # words of the message where they alone tell
    cases: tuple[str, ...] = ()


class RuleError(Problem):
    """A rule file that is not right; every sentence names the file and the key."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(sentences[0], *sentences[1:])
        self.sentences = tuple(sentences)


def build(head: Mapping[str, Any], topic: str, name: str) -> Rule:
    """The Rule of a checked head."""
    return Rule(
        id=head["id"],
        name=name,
        topic=topic,
        title=head["title"],
        category=Category(head["category"]),
        layer=Layer(head.get("layer", Layer.SOURCE)),
        severity=Severity(head.get("severity", Severity.ERROR)),
        since=head.get("since"),
        before=head.get("before"),
        matches=tuple(map(_match, head.get("match", ()))),
        evidence=head.get("evidence", {}).get("use"),
        said=compiled(head) if "said" not in head else head["said"],
        shared=head.get("shared", {}),
        usual=tuple(
            Usual(entry["cause"], entry["because"], tuple(entry.get("when", ())))
            for entry in head.get("usual", ())
        ),
        fixes=tuple(map(_fix, head.get("fix", ()))),
        advice=tuple(map(_advice, head.get("advice", ()))),
        classified=head.get("classified", False),
        newer=tuple(Newer(**{**entry, "cases": tuple(entry["cases"])}) for entry in head.get("newer", ())),
        proofs=head.get("proofs"),
    )


def _match(entry: Mapping[str, Any]) -> Match:
    errno = entry.get("errno")
    return Match(
        lines=tuple(entry.get("lines", ())),
        when=tuple(entry.get("when", ())),
        stage=Stage(entry.get("stage", Stage.VERIFIER)),
        errno=linux_errno.NUMBERS[errno] if errno else None,
        priority=entry.get("priority", 0),
        summary=entry.get("summary", False),
        decides=entry.get("decides", False),
        examples=tuple(tuple(example.splitlines()) for example in entry.get("examples", ())),
        message=entry.get("message", MESSAGE),
    )


def _advice(entry: Mapping[str, Any]) -> Advice:
    return Advice(
        step=Step(entry["step"]),
        means=entry["means"],
        next=entry["next"],
        source=entry["source"],
        kinds=tuple(entry.get("kinds", ())),
        errnos=tuple(map(error_number, entry.get("errnos", ()))),
        words=tuple(entry.get("words", ())),
        classified=entry.get("classified", False),
        examples=tuple(entry.get("examples", ())),
    )


def error_number(name: str) -> int:
    """The number of an errno's name; ENOTSUPP is the kernel's own, "none" is 0."""
    if name == NO_ERRNO:
        return 0
    return ENOTSUPP if name == "ENOTSUPP" else linux_errno.NUMBERS[name]


def _fix(entry: Mapping[str, Any]) -> FixSpec:
    return FixSpec(
        title=entry["title"],
        name=entry.get("name", entry.get("use", "")),
        use=entry.get("use"),
        why=entry.get("why", ()),
        safety=Safety(entry.get("safety", Safety.SAFE)),
        code=entry.get("code", ""),
        example=entry.get("example", "").strip("\n"),
        only_placed=entry.get("only_placed", False),
    )
