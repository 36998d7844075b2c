"""Checks that do nothing yet: what they find leaves the function, as its other checks do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.fixes import way_out
from bpfdoctor.fixes.plan import Site
from bpfdoctor.model.diagnosis import Edit, Fix, Place, Safety
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Condition, Function

_COMMENT = re.compile(r"/\*[^*]*\*/|//.*")


def given_a_way_out(place: Place, c: CFile, function: Function, names: frozenset[str]) -> Iterator[Fix]:
    """`if (!p) ;` becomes `if (!p) return 0;`, for checks of what is refused, the nearest first."""
    at = Site(place.file, place.line, place.column, c, function)
    for check in reversed(c.conditions_before(place.line)):
        if check.kind == "if" and not check.encloses and not check.exits and check.names & names:
            line = _empty_body(c, check)
            if line is not None:
                leave = way_out.of_check(at, check.span.line, check.text)
                edit = Edit(place.file, line, line, (c.line(line).replace(";", leave, 1),))
                why = "The check finds what must not be used, and does nothing about it."
                yield Fix(f"Leave where “{check.text}”", why, Safety.SAFE, (edit,))


def _empty_body(c: CFile, check: Condition) -> int | None:
    """The line of the `;` that is all of the body."""
    rest = _COMMENT.sub("", c.line(check.span.end_line)[check.span.end_column - 1 :]).strip()
    if re.fullmatch(r"\)\s*;", rest):
        return check.span.end_line if c.line(check.span.end_line).count(";") == 1 else None
    following = check.span.end_line + 1
    is_alone = rest in ("", ")") and _COMMENT.sub("", c.line(following)).strip() == ";"
    return following if is_alone else None
