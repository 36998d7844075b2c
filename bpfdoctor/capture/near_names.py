"""Which names a wrong one may have meant: an object can have thousands."""

from __future__ import annotations

from collections.abc import Sequence

_FEW = 8  # names that are listed whether they are near or not


def near_names(wrong: str, known: Sequence[str]) -> str:
    """A sentence with all names when they are few, else with the nearest."""
    if not known:
        return "It has none."
    if len(known) <= _FEW:
        return f"It has {', '.join(known)}."
    from difflib import get_close_matches

    near = get_close_matches(wrong, known, _FEW, 0.5)
    if not near:
        return f"It has {len(known)} programs, none with a name like that."
    return f"The nearest of its {len(known)} programs: {', '.join(near)}."
