"""Draws the loop that used up the verifier's budget: its rounds, what differs in them, and the sum."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.picture import LoopLevel, LoopNest, RoundChange
from bpfdoctor.render import Canvas
from bpfdoctor.render.text.measure import cell_len, cut, wrap
from bpfdoctor.render.text.paint import style
from bpfdoctor.render.words import plural

_HEAD = 44  # cells of a loop's head


def loops(nest: LoopNest, canvas: Canvas) -> Iterator[str]:
    yield "  " + style("the loop" if len(nest.levels) == 1 else "the loops, outermost first", "row")
    heads = [cut(level.text, min(_HEAD, canvas.width - 20), canvas) for level in nest.levels]
    wide = max(map(cell_len, heads))
    digits = max(len(str(level.line or "")) for level in nest.levels)
    for level, head in zip(nest.levels, heads, strict=True):
        line = f"{level.line or '':>{digits}}  " if digits else ""
        row = f"    {line}{head}{' ' * (wide - cell_len(head))}"
        said = cut(_said(level), canvas.width - cell_len(row) - 2, canvas)
        yield (row + "  " + style(said, "second")).rstrip()
    if nest.changes:
        yield "  " + style("from round to round", "row")
        names = [_named(change) for change in nest.changes]
        wide = min(max(map(cell_len, names)), _HEAD)
        for change, name in zip(nest.changes, names, strict=True):
            room = canvas.width - wide - 6
            yield f"    {cut(name, wide, canvas):{wide}}  " + cut(_values(change), room, canvas)
    for line in wrap(_sum(nest), min(canvas.width, 100) - 2):
        yield "  " + style(line, "primary")


def _said(level: LoopLevel) -> str:
    """How often it runs, and how often the log shows that."""
    said = []
    if level.trips is not None:
        said.append(plural(level.trips, "round"))
    elif level.bound:
        said.append(f"{level.bound} rounds")
    if level.variable and level.now:
        said.append(f"{level.variable} was {level.now} at last")
    elif level.seen > 1:
        said.append(f"{level.seen} of them seen" if said else f"{plural(level.seen, 'round')} seen")
    return ", ".join(said)


def _named(change: RoundChange) -> str:
    place = change.place.upper() if change.place.startswith("r") else change.place
    return f"{change.name} ({place})" if change.name else place


def _values(change: RoundChange) -> str:
    """`509, 510, 511: one more each time`."""
    drawn = "; " if any("," in value for value in change.values) else ", "
    shown = change.values if change.each is not None else change.values[-3:]
    more = {1: "one more each time", -1: "one less each time"}.get(
        change.each or 0, f"{change.each:+d} each time" if change.each else ""
    )
    return drawn.join(shown) + (f": {more}" if more else "")


def _sum(nest: LoopNest) -> str:
    """`512 x 512 rounds of about 10 instructions make 2,600,000; the verifier walks at most 1,000,000`."""
    if nest.limit is None or nest.room is None:
        return ""
    branches = nest.of == "branches"
    price = (
        f"{plural(nest.waiting, 'branch', 'branches')} left waiting"
        if branches
        else f"about {plural(nest.body, 'instruction')}"
    )
    most = (
        f"at most {nest.limit:,} branches may wait to be looked at"
        if branches
        else f"the verifier walks at most {nest.limit:,}, all paths together"
    )
    each, of_all = "each", "each round"
    if nest.at_once > 1:  # unrolled in part
        each = f"every {nest.at_once} of them, compiled into one,"
        of_all = f"every {nest.at_once} rounds, compiled into one"
    if nest.rounds and nest.passes and (nest.total is None or nest.total < nest.limit):
        # The loop alone does not use it up: what comes before it makes the verifier walk it again.
        outer = nest.total is None and len(nest.levels) > 1
        again = "the loop around it makes more" if outer else "a loop around it or another path makes more"
        cost = nest.rounds * (nest.waiting if branches else nest.body) // nest.at_once
        return (
            f"one pass of {plural(nest.rounds, 'round')} with {price} in {each} costs {cost:,}; "
            f"there is room for {plural(nest.passes, 'pass', 'passes')}, and {again}; {most}"
        )
    if nest.total is not None:
        trips = [level.trips for level in nest.levels]
        rounds = " x ".join(f"{each or nest.rounds:,}" for each in (trips if all(trips) else [nest.rounds]))
        return f"{rounds} rounds with {price} in {each} make {nest.total:,}; {most}"
    return f"with {price} in {of_all}, {nest.room:,} rounds reach the limit; {most}"
