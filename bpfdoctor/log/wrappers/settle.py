"""One failure, one finding: the line that says most speaks for it, and what only repeats it is left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from bpfdoctor import linux_errno as errno
from bpfdoctor.log.events import Event
from bpfdoctor.log.wrappers import failure as failures
from bpfdoctor.log.wrappers import strace
from bpfdoctor.log.wrappers.error_numbers import number_labelled
from bpfdoctor.model.failure import ENOTSUPP, Failure, Step
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Buffer, RawReport, Stage
from bpfdoctor.model.transcript import ErrorBlock, Level, Transcript
from bpfdoctor.pattern import later

_LOOK_BACK = 50  # failures that one is compared with
_MOST_ASKED = 2000  # lines of a text of which nothing could be read
_HARDLY_ELSE = (errno.EPERM, ENOTSUPP)  # "No such file or directory" is everybody's
_ENDED = ("killed", "stopped")
_BELOW = 400  # bytes in which Rust's "Caused by:" lists what is below an error
_GENERAL = (Step.UNKNOWN, Step.REQUEST)
_BEFORE_LOADING = (Step.OPEN, Step.RELOCATE, Step.BTF, Step.MAP)
# Kinds of failure that say why the next line's step failed, too.
_REASONS = frozenset(
    (
        "kprobe_events",
        "uprobe_events",
        "kprobe-pmu",
        "kernel-btf",
        "module-btf",
        "rlimit",
        "xdp-generic",
        "reuse",
    )
)


# What libbpf says after each failure of that kind.
_ECHO = {"btf-section": ("BTF is required, but is missing or corrupted.",)}

# "xdp-loader load -m skb eth0 x.o", "--mode=skb"
_GENERIC_MODE = later(rb"(?:-m|--mode)[ =]skb\b|--skb-mode\b")
_NOT_ALLOWED = (errno.EPERM, errno.EACCES)
_OF_DRIVERS = (errno.EINVAL, errno.EOPNOTSUPP)


def settled(found: Sequence[Transcript]) -> list[Transcript]:
    """The transcripts with every failed step once, told by its strongest line."""
    all_blocks = [(at, block) for at, part in enumerate(found) for block in part.blocks]
    refused = any(block.stage is not Stage.LOADER and _is_error(block) for _, block in all_blocks)
    kept: list[tuple[int, ErrorBlock]] = []
    about: dict[str, list[int]] = {}  # where in `kept` failures of this program or map are
    for at, block in all_blocks:
        if block.failure is None or not _is_error(block):
            kept.append((at, block))
            continue
        if refused and block.stage is Stage.LOADER and (_only_repeats(block) or _is_summary(block.failure)):
            continue
        name = block.failure.program or block.failure.map
        places: Iterable[int] = range(max(len(kept) - _LOOK_BACK, 0), len(kept))
        if name:
            near = (*about.get(name, ())[-_LOOK_BACK:], *about.get("", ())[-_LOOK_BACK:])
            places = sorted(place for place in set(near) if place >= len(kept) - _LOOK_BACK)
        twin = next((place for place in places if _same(kept[place][1], block)), None)
        if twin is None:
            twin = len(kept)
            kept.append((at, block))
        else:
            kept[twin] = _stronger(kept[twin], (at, block))
        about.setdefault(name, []).append(twin)
    kept = _without_summaries(_without_same_refusal(kept))
    parts = []
    by_part: dict[int, list[ErrorBlock]] = {}
    for at, block in kept:
        by_part.setdefault(at, []).append(block)
    for at, part in enumerate(found):
        own = tuple(by_part.get(at, ()))
        if own or not part.blocks or part.log_end:
            parts.append(part if own == part.blocks else replace(part, blocks=own))
    return parts


def without_echoes(found: Sequence[Transcript]) -> list[Transcript]:
    """Without the messages that come after every failure of one kind, where that failure is told."""
    blocks = [block for part in found for block in part.blocks]
    gone = {_ECHO[each.failure.kind] for each in blocks if each.failure and each.failure.kind in _ECHO}
    if not gone:
        return list(found)
    return [replace(part, blocks=tuple(b for b in part.blocks if b.lines[-1:] not in gone)) for part in found]


def _is_error(block: ErrorBlock) -> bool:
    return block.severity in (Level.ERROR, Level.FATAL)


def _only_repeats(block: ErrorBlock) -> bool:
    """Whether a loader only says that loading failed, which the verifier's words say better."""
    failure = block.failure
    assert failure is not None
    return failure.step in (Step.UNKNOWN, Step.LOAD, Step.REQUEST) and block.severity is Level.ERROR


def _without_summaries(kept: list[tuple[int, ErrorBlock]]) -> list[tuple[int, ErrorBlock]]:
    """Without lines that only sum up, or that loaders go on after, where another one is left."""
    errors = [block for _, block in kept if _is_error(block)]
    if all(block.failure is not None and _is_harmless(block.failure) for block in errors):
        errors = errors[:1]
        return [(at, block) for at, block in kept if not _is_error(block) or block is errors[0]]
    for is_weak in (_is_harmless, _is_summary, _is_hearsay):
        weak = [block for block in errors if block.failure is not None and is_weak(block.failure)]
        if len(weak) < len(errors):
            gone = set(map(id, weak))
            kept = [(at, block) for at, block in kept if id(block) not in gone]
            errors = [block for block in errors if id(block) not in gone]
    return kept


def _without_same_refusal(kept: list[tuple[int, ErrorBlock]]) -> list[tuple[int, ErrorBlock]]:
    """Where maps or types may not be made, the programs that may not be loaded say nothing of their own."""
    not_allowed = {
        block.errno
        for _, block in kept
        if block.failure is not None
        and _is_error(block)
        and block.failure.step in (Step.MAP, Step.BTF)
        and block.errno in _NOT_ALLOWED
    }
    return [
        (at, block)
        for at, block in kept
        if block.failure is None
        or not _is_error(block)
        or block.errno not in not_allowed
        or block.failure.step not in (Step.LOAD, *_GENERAL)
    ]


def _is_summary(failure: Failure) -> bool:
    """Whether a line says that something failed, and neither where nor why."""
    return failures.is_summary(failure.said) or _says_little(failure)


def _is_hearsay(failure: Failure) -> bool:
    """Whether a program that is no known loader says that loading failed, without a number."""
    vague = failure.step in (Step.LOAD, *_GENERAL)
    return vague and not failure.who and failure.errno is None and not failure.kind and not failure.extack


def _is_harmless(failure: Failure) -> bool:
    return failures.is_harmless(failure.said)


def _says_little(failure: Failure) -> bool:
    return (
        failure.errno is None
        and not failure.target
        and not failure.map
        and not failure.extack
        and (not failure.who or failure.step in _GENERAL)
    )


def _same(one: ErrorBlock, other: ErrorBlock) -> bool:
    """Whether two lines are about one failure: nothing in the one contradicts the other."""
    a, b = one.failure, other.failure
    if a is None or b is None or not _is_error(one):
        return False
    if (a.program and b.program and a.program != b.program) or (a.map and b.map and a.map != b.map):
        return False
    if _is_of_whole(b, a) or (a.kind == "reuse" and b.step is Step.MAP):
        return True
    if a.step is not b.step and a.step not in _GENERAL and b.step not in _GENERAL:
        return False
    if _is_summary(a) is _is_summary(b) and a.step is not b.step and bool(a.who) and bool(b.who):
        return False
    if _is_harmless(a) is not _is_harmless(b):
        return False
    # Whoever hands an error on may have another number for it: libbpf's -EPERM becomes EINVAL above it.
    may_differ = a.step is b.step and not (a.who and b.who)
    return may_differ or not (a.errno and b.errno) or a.errno == b.errno


def _is_of_whole(later: Failure | None, earlier: Failure | None) -> bool:
    """Whether a tool only says, after the step that failed, that its object was not loaded."""
    return (
        later is not None
        and earlier is not None
        and not later.who
        and (
            (later.step is Step.LOAD and earlier.step in _BEFORE_LOADING)
            or (later.step is Step.ATTACH and later.errno is None and earlier.step in _BEFORE_LOADING)
            # what is not loaded is not attached
            or (later.step is Step.ATTACH and earlier.step is Step.LOAD and earlier.errno is not None)
        )
    )


def _stronger(first: tuple[int, ErrorBlock], second: tuple[int, ErrorBlock]) -> tuple[int, ErrorBlock]:
    """The block that says more, with what the other knows besides."""
    (at, block), (_, less) = sorted((first, second), key=lambda pair: _weight(pair[1].failure), reverse=True)
    if _is_of_whole(second[1].failure, first[1].failure):
        (at, block), (_, less) = first, second
    a, b = block.failure, less.failure
    assert a is not None and b is not None
    one_step = a.step is b.step or a.step in _GENERAL
    failure = replace(
        a,
        step=b.step if a.step in _GENERAL and b.step is not Step.UNKNOWN else a.step,
        kind=a.kind or b.kind * (b.kind != "crash"),
        target=b.target if b.target and a.target.startswith("ifindex ") else a.target or b.target * one_step,
        program=a.program or b.program,
        map=a.map or b.map,
        errno=a.errno if a.errno is not None else b.errno,
        extack=a.extack or b.extack,
    )
    if failure.kind == "removal":
        failure = replace(failure, step=Step.REQUEST)  # also of what is pinned
    errno = block.errno if block.errno is not None else failure.errno
    return min(at, first[0]), replace(block, failure=failure, errno=errno)


def _weight(failure: Failure | None) -> tuple[bool, bool, bool, int]:
    """How much a line says by itself."""
    if failure is None:
        return (False, False, False, 0)
    known = (failure.errno is not None, failure.target, failure.kind, failure.program, failure.map)
    says = not _is_summary(failure) or failure.kind in _REASONS
    more = 3 * bool(failure.extack) + 4 * (failure.kind in _REASONS)
    return (says, bool(failure.who), failure.step not in _GENERAL, sum(map(bool, known)) + more)


def told(groups: Iterable[Sequence[Event]], raw: RawReport, text: Buffer, most: int) -> list[Transcript]:
    """The failures in paragraphs that nothing else is known of: the first `most`, and a word on the rest."""
    blocks = (block for group in groups for block in _blocks_of(group))
    parts = [Transcript(raw=raw, text=text, blocks=(block,)) for block in islice(blocks, most)]
    if len(parts) == most:
        said = "this text has very many complaints; what comes after the first ones is not explained"
        parts.append(Transcript(raw=raw, text=text, incomplete=said))
    return parts


def only_failure(groups: Iterable[Sequence[Event]]) -> ErrorBlock | None:
    """The strongest line with a loader's error number in a text of which nothing else could be read.

    Nobody says what it is about; that it is shown to us does.
    """
    best: ErrorBlock | None = None
    for line in islice((line for group in groups for line in group), _MOST_ASKED):
        failure = failures.read(line.text)
        if failure is None or (failure.errno not in _HARDLY_ELSE and failure.kind not in _ENDED):
            continue
        if failure.step is Step.REQUEST and not failure.kind:
            failure = replace(failure, step=Step.UNKNOWN)  # "could not start": anything may have been asked
        if best is None or _weight(failure) > _weight(best.failure):
            text = (line.text,)
            best = ErrorBlock(text, Stage.LOADER, line.start, line.end, errno=failure.errno, failure=failure)
    return best


def _blocks_of(lines: Sequence[Event]) -> Iterator[ErrorBlock]:
    """The lines of a paragraph that tell of failures; those in a row about one failure are one block."""
    last: ErrorBlock | None = None
    for line in lines:
        text, start, end = line.text, line.start, line.end
        number = number_labelled(text)
        if last is not None and number is not None and last.failure and last.failure.errno is None:
            last = replace(last, errno=number, failure=replace(last.failure, errno=number))
            continue
        failure = failures.read(text, alone=True)
        if failure is None:
            if last is not None and last.failure and strace.made_up_for(last.failure.said, text.strip()):
                last = None  # BCC creates a map without its name on kernels that know no names
            continue
        block = ErrorBlock((text,), Stage.LOADER, start, end, errno=failure.errno, failure=failure)
        if last is not None and _same(last, block):
            last = _stronger((0, last), (0, block))[1]
            continue
        if last is not None:
            yield last
        last = block
    if last is not None:
        yield last


def with_success(found: Sequence[Transcript], fine: tuple[int, str]) -> list[Transcript]:
    """The transcripts of a text in which a loader says, at `fine`, that it loaded or attached its program.

    What it complained of before, it got around; what it says after that is a failure like any other.
    """
    at, words = fine
    return [
        replace(
            part,
            blocks=tuple(block for block in part.blocks if block.start >= at or not block.failure),
            loaded=words if part.log_start <= at else part.loaded,
        )
        for part in found
    ] or []


def without_btf(found: Sequence[Transcript]) -> list[Transcript]:
    """The transcripts of a text in which iproute2 says no more than that the kernel refused the BTF."""
    of_kernel = [part for part in found if any(block.stage is not Stage.LOADER for block in part.blocks)]
    found = of_kernel or found  # which of its sections, and why
    said = (
        "iproute2 goes on without the object's BTF, which the kernel refused, and complains of nothing else"
    )
    return [
        replace(
            part,
            blocks=tuple(replace(block, severity=Level.NOTE) for block in part.blocks),
            loaded=said,
        )
        for part in found
    ]


def asks_for_generic_mode(line: Buffer) -> bool:
    """Whether a line is a command that attaches XDP in generic mode, or speaks of one."""
    return (b"skb" in line and _GENERIC_MODE.search(line) is not None) or b"xdpgeneric" in line


def in_generic_mode(found: Sequence[Transcript], since: int) -> list[Transcript]:
    """The transcripts, with what was refused in generic mode known as such: no driver had a say in it."""
    return [
        replace(
            part, blocks=tuple(block if 0 < block.end <= since else _generic(block) for block in part.blocks)
        )
        for part in found
    ]


def _generic(block: ErrorBlock) -> ErrorBlock:
    failure = block.failure
    if failure is None or failure.kind not in ("xdp", "xdp-link") or failure.errno not in _OF_DRIVERS:
        return block
    return replace(block, failure=replace(failure, kind="xdp-generic"))


def with_numbers(found: Sequence[Transcript], numbers: Sequence[tuple[int, int, str]]) -> list[Transcript]:
    """The transcripts, each failure with the number that Rust prints below it: `(os error 16)`."""
    if not numbers:
        return list(found)
    return [replace(part, blocks=tuple(_numbered(block, numbers) for block in part.blocks)) for part in found]


def _numbered(block: ErrorBlock, numbers: Sequence[tuple[int, int, str]]) -> ErrorBlock:
    if block.failure is None or block.failure.errno is not None:
        return block
    below = (each for each in numbers if block.start < each[0] < block.end + _BELOW)
    _, errno, text = next(below, (0, 0, ""))
    if not errno:
        return block
    lines = (*block.lines, text)
    return replace(block, lines=lines, errno=errno, failure=replace(block.failure, errno=errno))
