"""Keeps each problem once: people paste a log and quote its end, and Go prints one error in two forms."""

from __future__ import annotations

from dataclasses import replace

from bpfdoctor.model.report import Buffer
from bpfdoctor.model.transcript import ErrorBlock, Transcript

_LOOK_BACK = 4 << 20  # bytes searched for the line that an excerpt ends with


def folded(found: list[Transcript], text: Buffer) -> list[Transcript]:
    """Without excerpts and repeats; of two forms of one problem the one with more of the log is kept."""
    kept: list[Transcript] = []
    for part in found:
        if _is_excerpt(part, found, text):
            continue
        twin = next((at for at, other in enumerate(kept) if _same(part, other)), None)
        if twin is None:
            kept.append(part)
        else:
            kept[twin] = _merged(kept[twin], part)
    return kept


def _same(one: Transcript, other: Transcript) -> bool:
    """Whether both are about one refusal: the same words about the same instruction of the same program."""
    if not one.blocks or not other.blocks:
        return False
    a, b = one.blocks[0], other.blocks[0]
    if not a.lines and not b.lines and one.stats.processed and one.stats.processed == other.stats.processed:
        return one.stats.states == other.stats.states  # no two programs cost the verifier the same
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


def _is_excerpt(part: Transcript, found: list[Transcript], text: Buffer) -> bool:
    """Instructions without an end that stand in a log further up as well, or lines of state alone."""
    if part.blocks or part.succeeded or part.log_end - part.log_start > 1 << 20:
        return False
    if not any(other.blocks for other in found):
        return False
    log = bytes(text[part.log_start : part.log_end])
    walked = [line for line in log.split(b"\n") if b": (" in line[:12]]
    if not walked:
        return True
    return text.find(walked[-1], max(0, part.log_start - _LOOK_BACK), part.log_start) >= 0
