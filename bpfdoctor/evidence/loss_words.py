"""The jinja2 filters that say why a comparison of a number was not enough, at each of the places involved."""

from __future__ import annotations

from collections.abc import Callable

from bpfdoctor.evidence.facts import Facts, Loss

# At the comparison.
_CHECK = {
    Loss.OTHER_WAY: "the limit holds only on the other way out of this comparison",
    Loss.CHANGED: "this comparison is about the number before it was changed",
    Loss.REREAD: "this comparison is about what was read before",
    Loss.NARROWED: "this comparison looks at some bits of the number only; the others keep no limit",
    Loss.OTHER_COPY: "this limits another copy of the number",
    Loss.MERGED: "here the number is limited",
    Loss.TRUNCATED: "this comparison limits the number",
    Loss.WRONG_VALUE: "this comparison is about another variable",
}
# At the step where what was known stopped to count.
_LOST = {
    Loss.CHANGED: "here the number changes after it was compared",
    Loss.REREAD: "here it is read from memory again: for the verifier that is another number",
    Loss.TRUNCATED: "here it is read back from the stack, and the limit is forgotten",
    Loss.OTHER_COPY: "this copy goes its own way from here",
    Loss.MERGED: "on this path the number is used as it was, without the limit",
}
# The root cause.
_CAUSE = {
    Loss.OTHER_WAY: "on this path the number is larger than the limit it was compared with",
    Loss.CHANGED: "the number is changed after it was compared",
    Loss.REREAD: "the number is read from memory again after it was compared",
    Loss.NARROWED: "only some bits of the number are compared, and all of them are used",
    Loss.OTHER_COPY: "another copy of the number is limited",
    Loss.TRUNCATED: "the limit is forgotten where the number is read back from the stack",
    Loss.WRONG_VALUE: "the comparison is about another variable",
    Loss.MERGED: "the number is limited on another path; this one goes around that",
}
# The answer to "where was it lost".
_WHERE = {
    Loss.OTHER_WAY: "at the comparison: this path is the one on which the number is too large",
    Loss.CHANGED: "behind the comparison, where the number is changed",
    Loss.REREAD: "where the number is read again: memory may hold another one by then",
    Loss.NARROWED: "at the comparison: it looks at some bits only",
    Loss.OTHER_COPY: "nowhere: another copy of the number was limited",
    Loss.TRUNCATED: "on the stack: this kernel forgets the limit of a number that is stored and read back so",
    Loss.WRONG_VALUE: "nowhere: another variable was compared",
    Loss.MERGED: "nowhere on this path: the number is limited on another one",
}
_BY_COMPILER = {
    Loss.NARROWED: "in the compiler: it compares 32 bits of the number and uses all 64",
    Loss.OTHER_COPY: "in the compiler: it compares one copy of the number and uses another",
    Loss.REREAD: "in the compiler: it reads the number again instead of keeping what was compared",
}


def at_check(facts: Facts) -> str:
    """What to say at the comparison; "" when it is simply too weak."""
    return _CHECK.get(facts.why, "")


def at_lost(facts: Facts) -> str:
    return _LOST.get(facts.why, "")


def loss_cause(facts: Facts) -> str:
    return _CAUSE.get(facts.why, "")


def where_lost(facts: Facts) -> str:
    by_compiler = facts.layer is not None and facts.layer.value == "lowering_artifact"
    return (_BY_COMPILER.get(facts.why) if by_compiler else None) or _WHERE.get(facts.why, "")


FILTERS: dict[str, Callable[..., str]] = {
    "at_check": at_check,
    "at_lost": at_lost,
    "loss_cause": loss_cause,
    "where_lost": where_lost,
}
