"""Compares the list with another one of the same idea, for measuring.

The other one is JSON: {"messages": [{"format": …, "kind": …, "versions": […]}]}.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def report(ours: dict[str, Any], other: Path) -> str:
    """A table per kernel (found by both, only here, only there) and the differences."""
    theirs = json.loads(other.read_text())["messages"]
    rows = ["kernel   both  only ours  only theirs | refusing: both  only ours  only theirs"]
    differences: dict[str, set[str]] = {}
    for series in ours["kernels"]:
        mine = {m["format"]: m for m in ours["messages"] if series in m["kernels"] and "part" not in m}
        yours = {m["format"]: m for m in theirs if series in m.get("versions", m.get("kernels", ()))}
        mine_reject = {f for f, m in mine.items() if m["kind"] not in ("info", "report")}
        yours_reject = {f for f, m in yours.items() if m["kind"] == "reject"}
        rows.append(
            f"{series:<7} {len(mine.keys() & yours):>5} {len(mine.keys() - yours):>10}"
            f" {len(yours.keys() - mine):>12}"
            f" | {len(mine_reject & yours_reject):>14} {len(mine_reject - yours_reject):>10}"
            f" {len(yours_reject - mine_reject):>12}"
        )
        for name, formats in (
            ("only ours", mine.keys() - yours),
            ("only theirs", yours.keys() - mine),
            ("refuses only here", (mine_reject - yours_reject) & yours.keys()),
            ("refuses only there", (yours_reject - mine_reject) & mine.keys()),
        ):
            for format in formats:
                differences.setdefault(f"{name}: {format!r}", set()).add(series)
    rows += [f"{text}  [{' '.join(sorted(where))}]" for text, where in sorted(differences.items())]
    return "\n".join(rows)
