"""Regular expressions that BCC is given for several places: event_re, sym_re, tp_re."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bpfdoctor.model.preflight import Cause, NotKnown

_LONGEST, _MOST_REPEATED = 200, 3
_REPEATED, _NESTED = re.compile(r"[*+{]"), re.compile(r"\)[*+{]|\\\d|\(\?")


def compiled(pattern: str) -> re.Pattern[str] | None:
    """None for one that is damaged, or that a stranger may have made to take for ever: nested repetition."""
    if len(pattern) > _LONGEST or len(_REPEATED.findall(pattern)) > _MOST_REPEATED or _NESTED.search(pattern):
        return None
    try:
        return re.compile(pattern)
    except re.error:
        return None


def not_looked_up(pattern: str, kind: str) -> NotKnown:
    return NotKnown(f"which {kind}s {pattern} names is not looked up")


def fits(pattern: str, names: Iterable[str], kind: str, place: str) -> Iterator[Cause | NotKnown]:
    """Whether a name begins as BCC's pattern says; with none, BCC attaches nothing and goes on."""
    wanted = compiled(pattern)
    if wanted is None:
        yield not_looked_up(pattern, kind)
    elif not any(map(wanted.match, names)):
        yield Cause("kernel-pattern-empty", {"pattern": pattern, "kind": kind, "place": place})
