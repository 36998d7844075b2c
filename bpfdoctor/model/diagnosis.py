"""What bpfdoctor has to say: findings, labelled places, fixes, and the report that holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, StrEnum, auto
from typing import Any, TypeAlias, assert_never

from bpfdoctor.model.beside import OtherKernels, UsualCause
from bpfdoctor.model.picture import Local, Picture
from bpfdoctor.model.record import dataclass, field
from bpfdoctor.model.report import Flavour, Kernel, Program, Stats, Verdict
from bpfdoctor.model.trace import RegState, Step
from bpfdoctor.model.transcript import ErrorBlock
from bpfdoctor.model.trial import Shapes, Trial
from bpfdoctor.model.walk import Walk

INTERNAL_ERROR = "internal-error"  # the rule of a finding that bpfdoctor itself failed on


class Category(StrEnum):
    """The seven of Linux 7.3's own reports, then ours."""

    REGISTER = "Register Type Safety"
    MEMORY = "Memory Safety"
    LIFETIME = "Resource Lifetime Safety"
    CALL = "Call Type Safety"
    CONTEXT = "Execution Context Safety"
    STRUCTURE = "Program Structure"
    POLICY = "Policy"
    LIMIT = "Verifier Limit"
    BUG = "Verifier Bug"
    COMPILER = "Compiler"
    LOADER = "Loader"
    BTF = "BTF"
    ENVIRONMENT = "Environment"
    SILENT = "Silent"


class Layer(StrEnum):
    """What has to change for the program to load."""

    SOURCE = "source_bug"
    LOWERING = "lowering_artifact"  # the compiler lost what the source says
    ENVIRONMENT = "environment_or_configuration"
    FALSE_POSITIVE = "verifier_false_positive"
    LIMIT = "verifier_limit"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Confidence(StrEnum):
    """How sure we are; the sentence is shown only when it is not CERTAIN."""

    CERTAIN = "certain"  # the message and the trace say it, and something proves the layer, too
    LIKELY = "likely"  # the message says it, part of the trace is missing
    GUESS = "guess"  # the usual cause; nothing in the log proves it
    CLASSIFIED = "classified"  # who failed at which step, and no more: no cause, no patch


class Proof(StrEnum):
    """What proves the layer: that it is the source, the compiler, the verifier or the machine."""

    MESSAGE = "message"  # it is about what the program says, or what the machine lacks
    PATH = "path"  # the path in the log shows it
    EXPERIMENT = "experiment"  # the same source was compiled otherwise, or asked of other kernels
    WITNESS = "witness"  # with an input that was found, the refused instruction goes wrong
    NONE = "none"  # nothing does: the diagnosis is not certain


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text. Lines and columns count from 1; `end_column` is exclusive."""

    file: str
    line: int
    column: int | None = None
    end_column: int | None = None
    function: str | None = None
    text: str | None = None  # the line itself, when known

    def as_json(self) -> Mapping[str, Json]:
        """The `location` of docs/json.md."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "end_column": self.end_column,
            "function": self.function,
        }


@dataclass(frozen=True, slots=True)
class Label:
    """A sentence about a step or a place. `role` is access, check, cause, origin, declaration …

    `code` is what the log has of a step whose place it does not tell: the source line that it quotes without
    a number (kernels up to 6.7), else the instruction. `step` is the number of the step that is meant: the
    path may meet the instruction several times.
    """

    role: str
    text: str
    insn: int | None = None
    place: Place | None = None  # None: the log does not say where in the source
    code: str = ""
    step: int | None = None


# What facts tell the outside. analysis/public.py writes steps and places as where they are, a register as
# what is known of its number, and a member of an enumeration as its name in lower case.
Fact: TypeAlias = (
    "bool | int | str | Enum | Step | Place | RegState | Picture | Local"
    " | Sequence[Fact] | Mapping[str, Fact] | None"
)
Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"


class Loss(StrEnum):
    """Why the fact the verifier needed is not there, in words that finish "because …"."""

    NEVER = "it was never established"
    OVERWRITTEN = "the register or slot was overwritten"
    MERGED = "another path reaches this point without it"
    INVALIDATED = "a call invalidated it"
    OTHER_COPY = "another copy of the value was checked"
    OTHER_WAY = "it holds only on the other branch of the check"
    CHANGED = "the value was changed after the check"
    REREAD = "it was read from memory again after the check"
    RECOMPUTED = "the compiler computed the value again after the check"
    NARROWED = "it was checked in 32 bits and used in 64"
    TRUNCATED = "a spill or a cast cut it off"
    TOO_SMALL = "the check covers too little"
    WRONG_VALUE = "another variable was compared"
    RELEASED = "the object was already released"
    UNKNOWN = "the log does not show where"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Base of all facts. `cause` is the step where the needed fact was lost or never established.

    `registers` are the registers of the refused step that the finding is about, for the flow to follow.
    `layer` overrides the rule's when the facts show that something else must change (the compiler lost what
    the source says), and `layer_shown` tells whether the log proves that; `category` does where one message
    stands for two of Linux 7.3's. `insn` is the refused instruction where the log shows no step at all;
    `from_object` says that the object shows what such a log does not; `settled` says that what the log lacks
    could not change what was found.
    """

    cause: Step | None = None
    insn: int | None = None
    refused_at: Place | None = None  # the part of the refused line, where no column is printed
    caused_at: Place | None = None  # where the source has the cause, if not on the step's own line
    from_object: bool = False
    why: Loss = Loss.UNKNOWN
    registers: tuple[str, ...] = ()
    layer: Layer | None = None
    layer_shown: bool = True
    category: Category | None = None
    settled: bool = False

    @property
    def picture(self) -> Picture | None:
        """What can be drawn of the facts, beside labels in the source."""
        return None

    @property
    def acquired(self) -> Step | None:
        """The call that gave the reference which the message is about, for the flow to begin with."""
        return None

    def public(self) -> Mapping[str, Fact]:
        """What the outside is told of these facts beside `why` and `registers`: docs/json.md."""
        return {}

    def value(self, name: str) -> Any:
        """The field or property that a rule calls by its name, which `dev check` proves to exist.

        Raises AttributeError.
        """
        return getattr(self, name)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule, what its templates bound in the message, and the step it is about."""

    rule: str  # the rule's name: packet-bounds
    captures: Mapping[str, Any]
    block: ErrorBlock
    step: Step | None = None
    unmatched: tuple[str, ...] = ()  # lines of the block that no template explained
    kind: str = "MESSAGE"  # which of the kinds of messages that the rule tells apart
    could_be: tuple[str, ...] = ()  # the rules that a piece of a message can be about, the likeliest first
    advice: int | None = None  # which of the rule's advice on failed steps of loading


class Safety(StrEnum):
    """SAFE keeps the meaning for every input the verifier would have accepted."""

    SAFE = "safe"
    UNSAFE = "unsafe"


class FixStatus(StrEnum):
    LOADS = "loads"
    STILL_REFUSED = "still-refused"
    NOT_TRIED = "not-tried"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace lines `first`..`last` (1-based, inclusive; last = first - 1 inserts before `first`)."""

    file: str
    first: int
    last: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What came of running a program before and after a patch on the same inputs.

    `runs`: how often the refused program ran without a fault, and the patched one did the same. `differs`:
    the first input for which it did not, in words; "" where there was none. `reached`: how many runs of the
    patched program came to what was refused; None where that is not known. `lines`: how many lines of the
    refused text the patched program came to. `survived`: how many runs of the refused program went on from
    there to the end; None where none came there.
    """

    runs: int = 0
    differs: str = ""
    reached: int | None = None
    lines: int = 0
    survived: int | None = None


@dataclass(frozen=True, slots=True)
class FixOutcome:
    """What a verifier said of the patched program, and how it ran."""

    status: FixStatus = FixStatus.NOT_TRIED
    kernel: str | None = None
    capabilities: str | None = None
    insns: int | None = None
    refused_by: str | None = None  # the rule that refuses the patched program
    meaning: Meaning | None = None  # None: the programs were not run


@dataclass(frozen=True, slots=True)
class Fix:
    """A patch. Without the user's text `edits` is empty and `example` shows the shape of the change.

    `example` lines start with "+", "-" or " " like those of a diff.
    """

    title: str
    why: str
    safety: Safety = Safety.SAFE
    edits: tuple[Edit, ...] = ()
    example: tuple[str, ...] = ()
    instead: tuple[tuple[Edit, ...], ...] = ()  # other ways to do the same, for who can try them
    compile: str = ""  # how to compile the same source instead: "-mcpu=v3", "clang-19"
    outcome: FixOutcome = field(default_factory=FixOutcome)
    #: titles of all patches that are in it, where one uncovered the next refusal; () for one alone
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RootCause:
    """Where the needed fact was lost or never established. `insn` None: the trace does not show it.

    `step` is the number of the step, where one is meant.
    """

    text: str
    insn: int | None = None
    place: Place | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One finding, explained. All strings are plain text in the design's tone, without markup."""

    finding: Finding
    id: str
    rule: str
    category: Category
    layer: Layer
    severity: Severity
    confidence: Confidence
    confidence_why: str  # a sentence; "" when certain
    message: str  # the rule's title
    outcome: str  # which of the rule's outcomes: what the collector found, or what the message alone says
    proof: Proof = Proof.NONE
    insn: int | None = None  # the refused instruction, as the kernel numbers it
    location: Place | None = None
    headline: str = ""
    wants: str = ""
    has: str = ""
    lost: str = ""  # why it fails
    other_kernels: OtherKernels | None = None
    note: str = ""  # one more sentence (since which kernel, what BCC rewrote …)
    facts: Facts | None = None  # what the collector found
    public: Mapping[str, Json] | None = None  # the facts as every machine format shows them: docs/json.md
    labels: tuple[Label, ...] = ()
    root_cause: RootCause | None = None
    flow: tuple[Label, ...] = ()
    last_steps: tuple[str, ...] = ()  # the last steps in words, for messages nobody knows
    fixes: tuple[Fix, ...] = ()
    witness: str = ""  # how the program goes wrong with an input that was found by running it
    witness_input: Mapping[str, Json] | None = None  # that input, as JSON and --witness give it: docs/json.md
    usual: tuple[UsualCause, ...] = ()  # most likely first; only where the log shows no cause
    ask_for: str = ""  # the one command that would tell, when the log was poor
    means: str = ""  # what the error number stands for at the loader's step
    next_step: str = ""  # what the user can do about it, or look at
    tried: tuple[Trial, ...] = ()  # the same program, compiled otherwise or on other kernels
    brief: bool = False  # a line says it; the rest is on the rule's page, and in what machines read
    of_hook: bool = False  # it is about where the program is attached, not about its text
    faults: tuple[str, ...] = ()  # texts of the rule that could not be written: mistakes of ours


@dataclass(frozen=True, slots=True)
class Excused:
    """A finding that a comment in the source has ignored or expected. `why` is what else the comment says."""

    diagnosis: Diagnosis
    expected: bool
    why: str
    place: Place  # of the comment


class Standing(Enum):
    """How a report counts. Every format and the exit status decide on each of these (`assert_never`)."""

    FINE = auto()  # it loads, and there is nothing more than notes about it
    WARNED = auto()  # it loads or compiles, with warnings
    FOUND = auto()  # refused, or there are findings
    EXCUSED = auto()  # refused, and a comment in the source ignores or expects why
    NOT_ASKED = auto()  # it compiles; nobody asked a kernel
    NOTHING = auto()  # a log in which nothing is said against a program
    UNANSWERED = auto()  # asked, and no answer came, or nothing could be read: never taken for fine


@dataclass(frozen=True, slots=True)
class Report:
    """What is said of one program: the unit of every output format."""

    source: str
    flavour: Flavour
    verdict: Verdict
    program: Program | None = None
    kernel: Kernel | None = None
    compiler: str | None = None
    stats: Stats = field(default_factory=Stats)
    diagnoses: tuple[Diagnosis, ...] = ()
    excused: tuple[Excused, ...] = ()
    notes: tuple[str, ...] = ()
    not_possible: str = ""  # why this kernel can't take the program at all: "helper bpf_loop came with 5.17"
    no_answer: str = ""  # with NO_ANSWER: what came instead of one
    settings: tuple[str, ...] = ()  # NAME=VALUE: the constants with which it was loaded (--shapes)
    shapes: Shapes | None = None  # of a source: in its first report
    programs: int = 1  # how many it stands for: very many of one text that load are counted, not listed
    sources: Mapping[str, str] = field(default_factory=dict)  # file -> text, for drawing
    walk: Walk | None = None  # the path that was walked last, for a format that steps through it
    more_walks: tuple[Walk, ...] = ()  # of functions that were walked by themselves

    @property
    def insns(self) -> int | None:
        """Instructions that the verifier processed."""
        return self.stats.processed

    @property
    def standing(self) -> Standing:
        """How this report counts."""
        if any(diagnosis.rule == INTERNAL_ERROR for diagnosis in self.diagnoses):
            return Standing.UNANSWERED
        match self.verdict:
            case Verdict.NO_ANSWER:
                return Standing.UNANSWERED
            case Verdict.UNKNOWN if not self.diagnoses:
                return Standing.UNANSWERED
            case Verdict.REFUSED | Verdict.NOT_COMPILED | Verdict.NOT_LOADED if not self.excused:
                return Standing.FOUND
            case Verdict.REFUSED | Verdict.NOT_COMPILED | Verdict.NOT_LOADED:
                unless_found = Standing.EXCUSED
            case Verdict.LOADS:
                unless_found = Standing.FINE
            case Verdict.NOT_ASKED:
                unless_found = Standing.NOT_ASKED
            case Verdict.NO_COMPLAINT | Verdict.UNKNOWN:
                unless_found = Standing.NOTHING
            case _:
                assert_never(self.verdict)
        worst = {diagnosis.severity for diagnosis in self.diagnoses}
        if Severity.ERROR in worst or (Severity.WARNING in worst and unless_found is Standing.NOTHING):
            return Standing.FOUND
        return Standing.WARNED if Severity.WARNING in worst else unless_found
