"""What has changed between two runs, as a table for a terminal or in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpfdoctor.render.escape import one_line
from bpfdoctor.render.text.measure import cell_len
from bpfdoctor.render.words import plural
from bpfdoctor.stored_runs import Change, Ran

_HEADS = ("program", "kernel", "before", "after", "change")
_SPECIAL = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_{}[]<>#|!~"})


def table(
    changes: Sequence[Change],
    least: float,
    limits: Mapping[str, float] | None = None,
    *,
    markdown: bool,
    unicode: bool = True,
) -> str:
    """A row for each change that is worth one, the worst first, and a line of counts. `limits`: see over."""
    limits = limits or {}
    shown = [each for each in changes if _is_told(each, least) or each.over(limits)]
    shown.sort(key=lambda each: (not each.is_worse, _same_verdict(each), not each.over(limits)))
    rows = [tuple(one_line(text, unicode=unicode) for text in _row(each, least)) for each in shown]
    drawn = (_markdown(rows) if markdown else _plain(rows)) if rows else []
    return "\n".join([*drawn, *([""] if drawn else []), counts(changes, least, limits)]) + "\n"


def counts(changes: Sequence[Change], least: float, limits: Mapping[str, float]) -> str:
    """`1 program does not load now, 2 load now, 3 changed otherwise, 34 as before; 1 grew too much`."""
    worse = sum(each.is_worse for each in changes)
    better = sum(_loads_now(each) for each in changes)
    told = sum(_is_told(each, least) or bool(each.over(limits)) for each in changes)
    over = sum(bool(each.over(limits)) for each in changes)
    parts = [
        f"{plural(worse, 'program')} {'does' if worse == 1 else 'do'} not load now" if worse else "",
        f"{better} {'loads' if better == 1 else 'load'} now" if better else "",
        f"{other} changed otherwise" if (other := told - worse - better) else "",
        f"{len(changes) - told} as before",
    ]
    limit = ", ".join(f"{name} {most:g} %" for name, most in limits.items())
    return ", ".join(filter(None, parts)) + (f"; {over} grew by more than {limit}" if over else "")


def _is_told(change: Change, least: float) -> bool:
    return not _same_verdict(change) or bool(change.numbers(least))


def _same_verdict(change: Change) -> bool:
    before, after = change.before, change.after
    return bool(before and after and before.said == after.said)


def _loads_now(change: Change) -> bool:
    return bool(change.before and change.after and change.after.loads and not change.before.loads)


def _row(change: Change, least: float) -> tuple[str, ...]:
    one = change.one
    grown = change.numbers(least)
    said = [
        f"{name} {now - then:+,} ({(now - then) * 100 / then:+.1f} %)" if then else f"{name} {now - then:+,}"
        for name, (then, now) in grown.items()
    ]
    return (
        f"{one.source} {one.program}".strip(),
        one.kernel,
        _cell(change.before),
        _cell(change.after),
        ", ".join(said),
    )


def _cell(ran: Ran | None) -> str:
    if ran is None:
        return "-"
    insns = ran.numbers.get("insns")
    return f"{ran.said} {insns:,}" if ran.loads and insns is not None else ran.said


def _plain(rows: Sequence[Sequence[str]]) -> list[str]:
    table = [_HEADS, *rows]
    used = [at for at in range(len(_HEADS)) if any(row[at] for row in rows)]
    widths = {at: max(cell_len(row[at]) for row in table) for at in used}
    return [
        "  ".join(row[at] + " " * (widths[at] - cell_len(row[at])) for at in used).rstrip() for row in table
    ]


def _markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(_HEADS)} |",
        f"|{'---|' * len(_HEADS)}",
        *(f"| {' | '.join(text.translate(_SPECIAL) for text in row)} |" for row in rows),
    ]
