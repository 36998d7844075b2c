"""What goes wrong when a program runs: where, and what was touched."""

from __future__ import annotations

from enum import Enum

from bpfdoctor.model.record import dataclass


class FaultKind(Enum):
    """Why an instruction could not be done."""

    NULL = "null"  # an address in the first page
    OUT_OF_BOUNDS = "out_of_bounds"  # beside a region that exists
    NOT_AN_ADDRESS = "not_an_address"  # a number that is no address of the program's
    RELEASED = "released"  # memory that a call gave back
    READ_ONLY = "read_only"
    UNWRITTEN = "unwritten"  # stack or register that nothing has set
    ARGUMENT = "argument"  # a call got what it can't take
    LEAKED = "leaked"  # the program ended and still held a reference
    DEADLOCK = "deadlock"  # a lock that is held is taken again, or the program ended with it
    ENDLESS = "endless"  # more steps than any verifier would walk
    TOO_DEEP = "too_deep"  # more frames, or more stack, than a program has


@dataclass(frozen=True, slots=True)
class Touched:
    """Bytes `start`..`start + size` of a region of `length` bytes; `region` is its kind, `name` its own."""

    region: str
    name: str
    start: int
    size: int
    length: int
    is_write: bool = False
    address: int = 0


class Fault(Exception):
    """The instruction at `pc` (slot in the program's own code) can't be done."""

    def __init__(self, kind: FaultKind, what: str, touched: Touched | None = None) -> None:
        super().__init__(what)
        self.kind, self.what, self.touched = kind, what, touched
        self.pc = -1


class CannotRun(Exception):
    """The machine does not know how: a helper without a model, an instruction of a later kernel."""


class Thrown(Exception):
    """bpf_throw: the program ends here, and returns `cookie`."""

    def __init__(self, cookie: int) -> None:
        super().__init__(cookie)
        self.cookie = cookie
