"""Which rule an error block is about: more matched lines, then what came first, then more literal characters.

The function that finds the fault complains before its caller does: "func 'f' doesn't have 4-th argument",
then "invalid bpf_context access". So of two messages that come together the first is the specific one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bpfdoctor.catalogue.condition import holds
from bpfdoctor.catalogue.index import Index, IndexedMatch
from bpfdoctor.catalogue.template import one_spaced
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.report import Stage
from bpfdoctor.pattern import later

MOST_LINES = 64  # a block has one to three; the last ones are those that count
Hits = list[dict[int, dict[str, Any]]]

# What stands before a message: "libbpf: ", "prog.c:7:3: error: ", "fatal error: error in backend: ",
# "error: <unknown>:0:0: in function f i32 (ptr): ".
# Atomic groups, not possessive ones: Debian 12's Python 3.11.2 loses its place in `(?:a(?:b)+)?+`.
_DECORATION = later(
    r"(?>(?:libbpf: |bpf: |LLVM ERROR: |ERROR llvm: )?)"
    r"(?>(?:(?:fatal )?error: |warning: )?)(?>(?:[^\s:]++(?::\d++){1,2}: )?)"
    r"(?>(?:(?:fatal )?error: |warning: )?)"
    r"(?>(?:error in backend: )?)(?>(?:in function [^:]++: )?)"
)


_SPOKEN = (Stage.VERIFIER, Stage.LOADER, Stage.COMPILER)
_TRIED: dict[Stage, tuple[tuple[Stage, ...], ...]] = {
    Stage.VERIFIER: ((Stage.VERIFIER,), (Stage.LOADER,)),
    Stage.LOADER: ((Stage.LOADER,), (Stage.VERIFIER,)),
    Stage.COMPILER: ((Stage.COMPILER,),),
    Stage.PASTE: (_SPOKEN,),
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A match that explains a block. `lines` are positions in the block."""

    match: int
    rule: int
    rank: tuple[int, ...]
    weight: int
    captures: Mapping[str, Any]
    lines: tuple[int, ...]


def look_up(index: Index, lines: Sequence[str], in_prose: bool = False) -> Hits:
    """For each line the templates it renders, with their values; plain or without its decoration.

    `in_prose`: a message may stand at the end of somebody's sentence. Loaders end their own with a full stop.
    """
    return [
        {k: v for form in _forms(line, in_prose) for k, v in index.lookup(form).items()} for line in lines
    ]


def ranked(index: Index, hits: Hits, stages: Collection[Stage], errno: int | None) -> list[Hit]:
    """All matches of these stages that apply, best first; equal ranks stand side by side."""
    found = []
    for number in sorted(index.matches_with(template for hit in hits for template in hit)):
        match = index.match(number)
        if match.stage not in stages or (match.errno is not None and match.errno != errno):
            continue
        hit = _align(index, number, match, hits)
        # A match for whatever a stage says is a match for nothing when the stage is not certain.
        if hit and (hit.weight or len(stages) == 1):
            found.append(hit)
    return sorted(found, key=lambda hit: (hit.rank, hit.lines[-1]), reverse=True)


def best(index: Index, lines: Sequence[str], stage: Stage, errno: int | None) -> Hit | None:
    """The match that explains the block best; None when none does.

    A remark counts as the message only where there is no other. Verifier and loader are often printed by the
    same program, so the one is tried where the other knows nothing; a compiler's words are a compiler's.
    """
    first = max(0, len(lines) - MOST_LINES)
    hits = look_up(index, lines[first:], in_prose=stage in (Stage.VERIFIER, Stage.PASTE))
    speaking: Hits = [{} if index.is_remark(hit) else hit for hit in hits]
    for stages in _TRIED[stage]:
        summary: Hit | None = None  # a summary alone: what it sums up may be one of the remarks
        for some_hits in (speaking, hits):
            if found := ranked(index, some_hits, stages, errno):
                if not index.match(found[0].match).summary:
                    return _moved(found[0], first)
                summary = summary or found[0]
        if summary:
            return _moved(summary, first)
    spoken = (line for line, hit in zip(lines[first:], hits, strict=True) if not index.is_remark(hit))
    return None if any(line.strip() for line in spoken) else _by_errno(index, stage, errno)


def explained(index: Index, by: Hit, line: str) -> bool:
    """Whether a line of a block needs no further words beside the hit: what rules know is said together."""
    hits = {number for form in _forms(line) for number in index.lookup(form)}
    if not line.strip() or index.is_remark(hits):
        return True
    stage = index.match(by.match).stage
    others = [index.match(number) for number in index.matches_with(hits)]
    return any(each.rule == by.rule or each.summary or each.stage is stage for each in others)


def _forms(line: str, in_prose: bool = False) -> tuple[str, ...]:
    """The line, and the line without what compilers and loaders put before their messages."""
    whole = one_spaced(line)
    found = _DECORATION.match(whole)
    bare = whole[found.end() :] if found else whole
    forms = (whole,) if bare == whole else (whole, bare)
    if not in_prose or not whole.endswith("."):
        return forms
    # The line itself comes last: what it binds counts.
    return (*(form[:-1].rstrip() for form in forms), *forms)


def _align(index: Index, number: int, match: IndexedMatch, hits: Hits) -> Hit | None:
    """The match on lines in its order, as late in the block as possible: the last message is the verdict."""
    captures: dict[str, Any] = {}
    lines: list[int] = []
    end = len(hits)
    for template in reversed(match.templates):
        for position in range(end - 1, -1, -1):
            values = hits[position].get(template)
            if values is not None and all(captures.get(k, v) == v for k, v in values.items()):
                break
        else:
            return None
        captures.update(values)
        lines.append(position)
        end = position
    if not all(holds(condition, captures) for condition in match.when):
        return None
    weight = sum(index.template(template).weight for template in match.templates)
    narrow = len(match.when) + (match.errno is not None)
    # Compilers and loaders say what went wrong, then what that means for the whole: there the words decide.
    first = -lines[0] if match.stage is Stage.VERIFIER else 0
    rank = (not match.summary, match.decides, len(lines), first, weight, narrow, match.priority)
    return Hit(number, match.rule, rank, weight, captures, tuple(reversed(lines)))


def _by_errno(index: Index, stage: Stage, errno: int | None) -> Hit | None:
    """A refusal without any message."""
    found = []
    for number in index.errno_matches if errno is not None else ():
        match = index.match(number)
        if match.errno == errno:
            rank = (match.stage is stage, match.priority)
            found.append(Hit(number, match.rule, rank, 0, {"errno": errno}, ()))
    return max(found, key=lambda hit: hit.rank, default=None)


def _moved(hit: Hit, by: int) -> Hit:
    return replace(hit, lines=tuple(position + by for position in hit.lines))
