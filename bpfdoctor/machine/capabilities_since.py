"""What later verifiers can do and earlier ones can't."""

from __future__ import annotations

from enum import StrEnum


class Skill(StrEnum):
    """Each has a table of this name in rules/verifier_history.toml, which says since when."""

    COPY_OF_32_BITS = "copy-of-32-bits"  # w1 = w0: what is learnt of one is known of the other
    DIVISION = "division"
    MODULO = "modulo"
    NEGATION = "negation"
    NEGATIVE_FACTOR = "negative-factor"
    NOT_EQUAL = "not-equal"  # `!= 0` takes the end off a range
    NUMBER_ON_STACK = "number-on-stack"  # spilled and read back in 32 bits, or checked after it was spilled
    OTHER_VARIABLE = "other-variable"  # compared with a number that is no constant
    REGISTER_OPERAND = "register-operand"  # |=, ^=, *= with a number that is no constant
    SAME_ADDRESS = "same-address"  # p == q, and q is not NULL
    SUM = "sum"  # r2 = r1; r2 += 4: a comparison of r2 limits r1
    SUM_OF_32_BITS = "sum-of-32-bits"
    SWAPPED_BYTES = "swapped-bytes"
