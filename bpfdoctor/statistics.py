"""What the verifier counted, from the last lines of its log: `check` and `log` read them here.

With log level 4, or with any trace, a log ends like this (print_verification_stats, kernel/bpf/verifier.c):

    verification time 97 usec
    stack depth 24+0
    processed 29 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 0

7.3 says `stack depth max 24`, and a line for each function: `subprog 1 (handle) static … stack 0`. A trace
without level 4 has the last line alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Buffer, Stats
from bpfdoctor.pattern import later

_END = 64 << 10  # bytes that hold the statistics of any program: a line for each of at most 256 functions
_N, _SUM = r"(\d{1,20})", r"(\d{1,20}(?:\+\d{1,20}){0,300})"
_FORMS = (
    (
        later(
            rf"processed {_N} insns \(limit {_N}\)"
            rf"(?: max_states_per_insn {_N} total_states {_N} peak_states {_N}(?: .*)?)?"
        ),
        ("processed", "limit", "max_states_per_insn", "states", "peak_states"),
    ),
    (later(rf"processed {_N} insns(?:,? stack depth {_SUM})?"), ("processed", "stack_depth")),  # up to 4.19
    (later(rf"verification time {_N} usec"), ("usec",)),
    (later(rf"stack depth {_SUM}(?: max {_N})?"), ("stack_depth", "stack_max")),
    (later(rf"stack depth max {_N}"), ("stack_max",)),
    (later(rf"subprog \d+ \(\S*\) \S+ insns_self \d+ insns_total \d+ stack {_SUM}"), ("stack_depth",)),
    (later(r"insns processed [\d+]+"), ()),  # by each function; together `processed` has them
)


def of_line(text: str) -> Stats | None:
    """What one line says; None where it is no line of statistics."""
    text = " ".join(text.split())  # as people paste it
    for form, names in _FORMS:
        if found := form.fullmatch(text):
            values = zip(names, found.groups(), strict=True)
            said: dict[str, Any] = {name: _value(name, digits) for name, digits in values if digits}
            return Stats(**said)
    return None


def _value(name: str, digits: str) -> int | tuple[int, ...]:
    return tuple(map(int, digits.split("+"))) if name == "stack_depth" else int(digits)


def together(lines: Iterable[Stats]) -> Stats:
    """What several lines say of one program."""
    total = Stats()
    for line in lines:
        said = {name: getattr(line, name) for name in Stats.__slots__}
        said = {name: value for name, value in said.items() if value is not None and value != ()}
        if "stack_depth" in said and len(total.stack_depth) and len(said["stack_depth"]) == 1:
            said["stack_depth"] = (*total.stack_depth, *said["stack_depth"])
        total = replace(total, **said)
    return total


def of_log(log: Buffer) -> Stats:
    """What the end of a verifier's log says that has nothing else around it."""
    end = bytes(log[-_END:]).decode("utf-8", "replace").splitlines()
    return together(found for line in end if (found := of_line(line)) is not None)
