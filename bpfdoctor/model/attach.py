"""A call by which a tool attaches a program, as its text tells."""

from __future__ import annotations

from bpfdoctor.model.record import dataclass

Value = str | int | None


@dataclass(frozen=True, slots=True)
class Attach:
    """`b.attach_kprobe(event="do_unlinkat", fn_name="f")` on a line of a BCC tool.

    `values` are those of its parameters that the text tells, `unknown` those that only a run can tell, each
    with what it depends on. Of a USDT probe `path` and `pid` are its USDT(…)'s. `only_if` says what decides
    whether the call is made, or whether it may fail; "" where it is made whatever happens.
    """

    method: str
    line: int
    column: int  # from 0
    end_column: int  # 0 where the call goes over several lines
    function: str | None  # the program, by its C function
    values: dict[str, Value]
    unknown: dict[str, str]
    only_if: str
