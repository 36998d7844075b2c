"""Keeps each problem once: people paste a log and quote its end, and Go prints one error in two forms."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Buffer
from bpfdoctor.model.transcript import ErrorBlock, Transcript

_SMALL = 4 << 20  # bytes of a log whose lines are compared with those of excerpts
_LOOK_BACK = 50  # refusals with the same words that one is compared with


def folded(found: list[Transcript], text: Buffer) -> list[Transcript]:
    """Without excerpts and repeats; of two forms of one problem the one with more of the log is kept."""
    kept: list[Transcript] = []
    by_words: dict[object, list[int]] = {}  # where in `kept` refusals with these words are
    walked: set[bytes] = set()  # instructions in the logs so far
    has_blocks = any(part.blocks for part in found)
    for part in found:
        own = _instructions(part, text)
        if has_blocks and (_is_excerpt(part, own, walked) or _leads_to(part, own, kept)):
            continue
        walked.update(own)
        candidates = {at for words in _words(part) for at in by_words.get(words, ())[-_LOOK_BACK:]}
        twin = next((at for at in sorted(candidates) if _same(part, kept[at])), None)
        if twin is not None:
            kept[twin] = _merged(kept[twin], part)
            continue
        for words in _words(part):
            by_words.setdefault(words, []).append(len(kept))
        kept.append(part)
    return kept


def fewer(found: list[Transcript], most: int) -> list[Transcript]:
    """The first `most` of very many, refused ones before those that load; the others are counted."""
    raw, text = found[0].raw, found[0].text
    by_need = sorted(range(len(found)), key=lambda at: (not found[at].blocks, at))
    kept = [found[at] for at in sorted(by_need[:most])]
    rest = [found[at] for at in by_need[most:]]
    fine = sum(part.programs for part in rest if part.succeeded and not part.blocks)
    more = Transcript(raw=raw, text=text, succeeded=True, programs=fine)
    kept += [more] if fine else []
    if len(rest) > fine:  # refused, or cut off
        said = f"{len(rest) - fine} more programs of this text are not explained"
        kept.append(Transcript(raw=raw, text=text, incomplete=said))
    return kept


def _words(part: Transcript) -> Iterator[object]:
    """What two forms of one refusal have in common."""
    if part.blocks:
        yield from part.blocks[0].lines or (part.stats.processed,)


def _same(one: Transcript, other: Transcript) -> bool:
    """Whether both are about one refusal: the same words about the same instruction of the same program."""
    a, b = one.blocks[0], other.blocks[0]
    if not a.lines and not b.lines:  # no two programs cost the verifier the same
        return bool(one.stats.processed) and one.stats.states == other.stats.states
    if a.stage is not b.stage or _differ(one.program, other.program) or _differ(a.insn, b.insn):
        return False
    if _differ(a.line, b.line) or _differ(a.errno, b.errno):
        return False
    return bool(a.lines and b.lines) and _quotes(a, b)


def _quotes(a: ErrorBlock, b: ErrorBlock) -> bool:
    fewer, more = sorted((set(a.lines), set(b.lines)), key=len)
    return fewer <= more


def _differ(one: object, other: object) -> bool:
    return one is not None and other is not None and one != other


def _merged(first: Transcript, second: Transcript) -> Transcript:
    shorter, longer = sorted((second, first), key=lambda part: (len(part.blocks[0].lines), _length(part)))
    block = longer.blocks[0]
    if block.errno is None:
        block = replace(block, errno=shorter.blocks[0].errno)
    return replace(longer, program=longer.program or shorter.program, blocks=(block, *longer.blocks[1:]))


def _length(part: Transcript) -> int:
    return part.log_end - part.log_start


def _instructions(part: Transcript, text: Buffer) -> list[bytes]:
    if _length(part) > _SMALL:
        return []
    log = bytes(text[part.log_start : part.log_end])
    return [line for line in log.split(b"\n") if b": (" in line[:12]]


def _leads_to(part: Transcript, own: list[bytes], kept: list[Transcript]) -> bool:
    """A log that was cut right before the instruction of which a summary above it has the message."""
    if part.blocks or part.succeeded or not kept or not own or not kept[-1].blocks:
        return False
    last, at = own[-1].lstrip().partition(b":")[0], kept[-1].blocks[0].insn
    return at is not None and last.isdigit() and int(last) + 1 == at


def _is_excerpt(part: Transcript, own: list[bytes], walked: set[bytes]) -> bool:
    """Instructions without an end that stand in a log further up as well, or lines of state alone."""
    if part.blocks or part.succeeded or _length(part) > _SMALL:
        return False
    return not own or own[-1] in walked
