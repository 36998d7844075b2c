"""Comments in a program's source that speak to bpfdoctor: ignore[…] and expect[…]."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.record import dataclass

NOT_UNDERSTOOD = "comment-not-understood"
NOT_MET = "expected-finding-missing"
UNUSED = "ignore-hides-nothing"
#: The rules that are about such comments, and what their sentences may name.
REMARK_RULES: Mapping[str, tuple[str, ...]] = {
    NOT_UNDERSTOOD: ("comment", "wrong", "instead"),
    NOT_MET: ("comment", "names", "where", "came"),
    UNUSED: ("comment", "names", "where"),
}


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment, and for which lines it holds: `first`..`last`; for a whole `function` also by its name.

    `inside` is the function that it is about, or in; "" for none. `wrong` says why it cannot be obeyed,
    `instead` what would be.
    """

    place: Place
    first: int
    last: int
    function: str = ""
    inside: str = ""
    expects: bool = False
    names: tuple[str, ...] = ()  # rules, ids and topics, as they are written
    why: str = ""
    wrong: str = ""
    instead: str = ""
