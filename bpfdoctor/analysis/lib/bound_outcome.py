"""Why a number has no bound that is good enough: the outcomes of both collectors that ask for one."""

from __future__ import annotations

from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.lib.bound_on_other_value import Limit
from bpfdoctor.analysis.lib.element_count import ElementCount
from bpfdoctor.model.diagnosis import Layer, Loss


class Outcome(Outcomes):
    NEVER_COMPARED = "nothing on the path compares the number"
    FROM_ASSEMBLY = "the same, and it comes out of inline assembly"
    FROM_FUNCTION = "the same, and it is the result of a function that is verified on its own"
    CONSTANT = "the number is a constant"
    LEAVES_TOO_MUCH = "the comparison, or a mask, leaves too much room"
    BYTES_COMPARED = "a number of elements is compared with a number of bytes"
    WRONG_BRANCH = "this path is the one on which the number is larger than its limit"
    CHANGED = "the number is changed after it was compared"
    READ_AGAIN = "the number is read from memory again after it was compared"
    COMPILER_READS_AGAIN = "the same, and the source reads it once"
    NARROWED = "some bits are compared, and all of them are used"
    COMPILER_NARROWED = "the same, and the source does not say so"
    OTHER_COPY = "another copy of the number is limited"
    COMPILER_COPY = "the same, and the source has one variable"
    SPILL_FORGOTTEN = "the kernel forgets the limit of a number that is stored and read back"
    OTHER_VARIABLE = "another variable is compared"
    LIMITED_ELSEWHERE = "the number is limited on another path"
    BELOW_ZERO = "it has both limits as a signed number, and may be negative"
    SUM_COMPARED = "only the sum of offset and length is compared"
    GIVEN = "the memory is what a global function was given a pointer to: one number"
    TOO_LARGE = "no number is added: the access itself is larger than the object"
    LOOP_BOUND_TOO_LARGE = "a loop over the object has too large a bound"
    LOOP_CONDITION_OPEN = "a loop over the object ends on a condition that may never come"
    LOOP_ENDLESS = "a loop over the object has no condition"
    LOOP_TOO_LONG = "a loop comes by, and the source does not say what ends it"


OF_LOOP = (
    Outcome.LOOP_BOUND_TOO_LARGE,
    Outcome.LOOP_CONDITION_OPEN,
    Outcome.LOOP_ENDLESS,
    Outcome.LOOP_TOO_LONG,
)
OF_ACCESS = (Outcome.SUM_COMPARED, Outcome.GIVEN, Outcome.TOO_LARGE)  # what only an access can be
# What only a number by itself is looked at for.
OF_NUMBER = (Outcome.FROM_ASSEMBLY, Outcome.FROM_FUNCTION, Outcome.BELOW_ZERO)


_OUTCOMES = {
    Loss.NEVER: Outcome.NEVER_COMPARED,
    Loss.OTHER_WAY: Outcome.WRONG_BRANCH,
    Loss.CHANGED: Outcome.CHANGED,
    Loss.REREAD: Outcome.READ_AGAIN,
    Loss.NARROWED: Outcome.NARROWED,
    Loss.OTHER_COPY: Outcome.OTHER_COPY,
    Loss.TRUNCATED: Outcome.SPILL_FORGOTTEN,
    Loss.WRONG_VALUE: Outcome.OTHER_VARIABLE,
    Loss.MERGED: Outcome.LIMITED_ELSEWHERE,
}
_COMPILER = {
    Loss.REREAD: Outcome.COMPILER_READS_AGAIN,
    Loss.NARROWED: Outcome.COMPILER_NARROWED,
    Loss.OTHER_COPY: Outcome.COMPILER_COPY,
}


def of_limit(found: Limit, count: ElementCount | None = None) -> Outcome:
    """The outcome of what is known of a number's comparisons; `count` is what it counts, if not bytes."""
    if count is not None:
        return Outcome.BYTES_COMPARED
    if found.why is Loss.TOO_SMALL:
        return Outcome.LEAVES_TOO_MUCH if found.check is not None else Outcome.CONSTANT
    if found.layer is Layer.LOWERING and found.why in _COMPILER:
        return _COMPILER[found.why]
    return _OUTCOMES[found.why]
