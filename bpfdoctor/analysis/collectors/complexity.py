"""How much of the verifier's budget a program used, and which loop used it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile
from math import prod

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.loop_rounds import Rounds, changes, grows, waiting, walked
from bpfdoctor.analysis.lib.loop_source import head_at, nest
from bpfdoctor.kernel.limits import INSNS
from bpfdoctor.linux_errno import E2BIG
from bpfdoctor.model.diagnosis import Fact, Facts, Loss, Place
from bpfdoctor.model.picture import LoopLevel, LoopNest, RoundChange
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.trace import RegState, Step


class Outcome(Outcomes):
    COUNTS = "a loop is walked round by round, and what it counts with is known"
    ROUNDS = "a loop is walked round by round"
    ONCE = "the log shows no loop that is walked more than once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Complexity(Facts):
    """`processed` instructions of `limit`, with `states` remembered, at most `most_states` at one
    instruction. `head` starts the loop walked most often in the last steps, `back` is the jump back to it,
    `rounds` how often it was seen there; `loops` says more of it. `grows` is where a
    round adds a number that is not known, `added`, to what it counts with.
    """

    processed: int | None
    limit: int | None
    states: int | None
    most_states: int | None
    head: Step | Place | None
    back: Step | None
    rounds: int
    loops: LoopNest | None
    grows: Step | None = None
    added: RegState | None = None

    @property
    def remembered(self) -> tuple[int | None, int | None]:
        """The states remembered, and the most of them at one instruction."""
        return self.states, self.most_states

    @property
    def counter(self) -> str:
        """What changes first from round to round."""
        changed = self.loops.changes[0] if self.loops and self.loops.changes else None
        return (changed.name or changed.place) if changed else ""

    @property
    def last(self) -> str:
        """What it was in the last round."""
        return self.loops.changes[0].values[-1] if self.loops and self.loops.changes else ""

    @property
    def picture(self) -> LoopNest | None:
        """Where nothing is counted and nothing changes there is nothing to draw."""
        return (
            self.loops
            if self.loops and self.rounds > 1 and (self.loops.limit or self.loops.changes)
            else None
        )

    def public(self) -> Mapping[str, Fact]:
        return {
            "processed": self.processed,
            "limit": self.limit,
            "states": self.states,
            "most_states": self.most_states,
            "head": self.head,
            "back": self.back,
            "rounds": self.rounds,
            "loops": self.loops,
            "grows": self.grows,
            "added": self.added,
        }


FACTS = Complexity


def collect(context: Context) -> Found | NotShown:
    stats = context.transcript.stats
    steps, found = walked(context)
    if stats.processed is None and not found:
        return NotShown("the log shows neither the path nor how much was walked")
    nested: LoopNest | None = None
    grown, added, seen = None, None, context.step
    if found:
        nested, head = _nest(context, steps, found)
        grown, added = grows(context, found[0], nested.changes)
    else:  # refused before a second round, or before the first step: the message names the loop
        m = context.captures
        head = head_at(context, m.get("target", m.get("insn")))
        if "insn" in m and seen is not None and seen.insn.target is None:
            seen = None  # a loop ends with a jump: the log lacks that of "infinite loop detected at insn 3"
    counted = nested is not None and nested.changes and nested.changes[0].each
    facts = Complexity(
        processed=stats.processed,
        limit=stats.limit,
        states=stats.states,
        most_states=stats.max_states_per_insn,
        head=head or (found[0].heads[0] if found else None),
        back=found[0].back if found else None,
        rounds=found[0].seen if found else 0,
        loops=nested,
        grows=grown,
        added=added,
        cause=grown or (found[0].back if found else seen),
        caused_at=head if found and grown is None else None,
        why=Loss.NEVER,
        settled=bool(counted),  # that loop is what the walk was in, whatever came before
    )
    if facts.rounds < 2:
        return Found(Outcome.ONCE, facts)
    return Found(Outcome.COUNTS if counted else Outcome.ROUNDS, facts)


def _nest(context: Context, steps: int, found: tuple[Rounds, ...]) -> tuple[LoopNest, Place | None]:
    rounds = found[0]
    source = nest(context, found)
    jumps = context.captures.get("jumps")  # "The sequence of 8193 jumps is too complex"
    branches = waiting(context, rounds)
    if isinstance(jumps, int):
        limit, price = jumps - 1, branches
    elif "processed" in context.captures or abs(context.finding.block.errno or 0) == E2BIG:
        limit, price = context.transcript.stats.limit or INSNS, rounds.body
    else:
        limit, price = None, 0
    changed = changes(context, rounds)
    trips = [level.trips for level in source.levels]
    if trips[-1] is None:
        trips[-1] = rounds.run  # its head does not say how often it runs, and the log shows it
    known = list(takewhile(lambda each: each is not None, reversed(trips)))
    one = prod(each for each in known if each is not None) if known else None
    at_once = _at_once(source.levels[-1], changed)
    innermost = replace(source.levels[-1], seen=rounds.seen * at_once)
    drawn = LoopNest(
        levels=(*source.levels[:-1], innermost),
        steps=steps,
        body=rounds.body,
        waiting=branches,
        changes=changed,
        at_once=at_once,
        total=one * price // at_once if one is not None and len(known) == len(trips) and price else None,
        room=limit * at_once // price if limit and price else None,
        rounds=one,
        passes=limit * at_once // (one * price) if limit and price and one else None,
        limit=limit,
        of="branches" if isinstance(jumps, int) else "instructions",
    )
    return drawn, source.head


def _at_once(innermost: LoopLevel, changed: Sequence[RoundChange]) -> int:
    """How many rounds of the source the compiler put into one: what its counter goes on by tells."""
    step = next((abs(each.each) for each in changed if each.each and each.name == innermost.variable), 0)
    return step // innermost.step if innermost.step and step and step % innermost.step == 0 else 1
