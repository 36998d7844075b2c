"""Finds in one verifier log what was said against the program: the last message before the statistics.

Messages that look like rejections stand in logs of programs that load: soft checks of BTF, speculative paths
that got a barrier, arguments of static functions. After each of them the verifier goes on, so the rejection
is what stands after the last instruction or state, never the first match.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bpfdoctor import statistics
from bpfdoctor.log import kernel_report
from bpfdoctor.log.events import Event
from bpfdoctor.log.kinds import VERIFIER, Kind
from bpfdoctor.log.messages import Known, is_prose, stage_of
from bpfdoctor.log.number import NUMBER_BYTES
from bpfdoctor.log.shape import Log
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Stats
from bpfdoctor.model.transcript import KernelReport, Truncated
from bpfdoctor.pattern import later

_INDEX = later(rb"(%b): (?:\(|<)" % NUMBER_BYTES)
_FIRST_INDEX = later(rb"(%b):" % NUMBER_BYTES)
_OF_PARAMETER = later(rb"R\d type=\w{1,40} expected=fp\s*")
_WITH_INSN = later(rb"func '")  # a remark that is half of a two-line message
# Compiled where a log has a dump of BTF, as few have.
_BTF_PLAIN = (
    r"\[\d+\] [A-Z_0-9]+ \S*(?: (?:size|bits_offset|nr_bits|encoding|type_id|index_type_id|nr_elems|vlen"
    r"|fwd_kind|linkage|component_idx|type|return)=\S+|\)| args=\(.*\)| \w+[,)])*\s*"
)
_BTF_MEMBER_PLAIN = r"\S* ?(?:type_id=\d+|bitfield_size=\d+|bits_offset=\d+|val=-?\d+|offset=\d+|size=\d+| )+"

# "Global function counter_of() doesn't return scalar. Only those are supported."
# "Caller passes invalid args into func#1 ('counter_of')"
_SUM = b"Caller passes invalid args into func#"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What stands after the last instruction or state of a log."""

    messages: tuple[Event, ...] = ()
    reports: tuple[KernelReport, ...] = ()
    insn: int | None = None
    start: int = 0
    end: int = 0
    detached: bool = False
    unseen: bool = False  # the last instruction is in the part of a large text that nobody looked at


def spoken(log: Log, refused: bool, known: Known | None, *, quoted: bool) -> Spoken:
    """The messages at the end of `log`. `refused`: somebody says that this program does not load.

    `quoted`: a person may have cut the log, and gone on in their own words.
    """
    lines, tail, last = log.lines, log.said, log.ending - 1
    if any(line.kind is Kind.BTF for line in lines):
        return _about_btf(lines)
    insn = _insn_before(lines, last)
    walked = last >= 0 and lines[last].kind is not Kind.GAP
    messages = _last_word([line for line in tail if line.kind in (Kind.TEXT, Kind.SOFT)])
    # "...": somebody left out the instruction that the message is about.
    detached = bool(messages) and any(
        line.kind is Kind.ELLIPSIS and line.start < messages[0].start for line in tail
    )
    soft = [line for line in tail if line.kind is Kind.SOFT]
    if messages:
        # "func 'bpf_lsm_x' arg0 has btf_id 5 type STRUCT 'y'", then "invalid bpf_context access off=0 size=8"
        halves = [line for line in soft if walked and _WITH_INSN.match(line.data)]
        if messages[0].data.startswith(_SUM):  # what it sums up may be a remark elsewhere
            halves += [line for line in soft[-1:] if line not in halves]
        messages = sorted({*messages, *halves}, key=lambda line: line.start)
    elif soft and (refused or stopped_at_once(tail) or _validates(lines, last)):
        messages = soft[-1:]
    if quoted and not any(line.kind is Kind.STATS for line in tail):
        messages = _without_prose(messages, known)
    reports = kernel_report.read(
        line.data.decode("utf-8", "replace") for line in tail if line.kind is Kind.REPORT
    )
    said = [*messages, *(line for line in tail if line.kind is Kind.REPORT)]
    return Spoken(
        messages=tuple(messages),
        reports=reports,
        insn=None if detached else insn,
        detached=detached,
        start=min((line.start for line in said), default=0),
        end=max((line.end for line in said), default=0),
        unseen=insn is None and any(line.kind is Kind.GAP for line in lines),
    )


def _last_word(said: Sequence[Event]) -> list[Event]:
    """The messages behind which the verifier did not go on.

    R1 type=ctx expected=fp                             (of the program's own parameter, until 6.4)
    reg type unsupported for arg#0 function on_exec#22
    math between map_value pointer and register with unbounded min value is not allowed
    """
    messages = [line for line in said if line.kind is Kind.TEXT]
    remarks = [line.start for line in said if line.kind is Kind.SOFT and not _WITH_INSN.match(line.data)]
    last = max((start for start in remarks if messages and start < messages[-1].start), default=-1)
    messages = [line for line in messages if line.start > last]
    while len(messages) > 1 and _OF_PARAMETER.fullmatch(messages[0].data):
        del messages[0]
    return messages


def _insn_before(log: Sequence[Event], last: int) -> int | None:
    """The number of the last instruction the verifier walked; lists at level 2 do not count."""
    for at in range(last, -1, -1):
        line = log[at]
        if line.kind is Kind.INSN:
            found = _INDEX.match(line.data)
            return None if found is None or _in_list(log, at) else int(found[1])
        if line.kind is Kind.GAP:
            return None
    return None


def _in_list(log: Sequence[Event], at: int) -> bool:
    """Whether an instruction from number 100 on, which has no indentation, belongs to a list at level 2."""
    while at >= 0 and log[at].kind is Kind.INSN:
        at -= 1
    return at >= 0 and log[at].kind is Kind.TABLE


def stopped_at_once(log: Sequence[Event]) -> bool:
    """`processed 0 insns`: no program that loads has none."""
    return any(line.data.startswith(b"processed 0 insns") for line in log)


def _validates(log: Sequence[Event], last: int) -> bool:
    """Whether the verifier had just begun with a global function: there the remark is the reason."""
    return last >= 0 and log[last].data.startswith(b"Validating ")


def _without_prose(messages: list[Event], known: Known | None) -> list[Event]:
    """Without what a person wrote after a log that somebody cut: the words after the last message."""
    for at, line in enumerate(messages):
        text = line.text
        if known is not None and known(text):
            continue
        if is_prose(text):
            return messages[:at]
        if at and stage_of(text) is None and messages[at - 1].end + 1 < line.start:
            return messages[:at]  # not the next line, and of no message's shape
    return messages


def _about_btf(log: Sequence[Event]) -> Spoken:
    """The kernel lists the types as it checks them and appends what is wrong to the last one.

    [30] UNION MaybeUninit<u8> size=1 vlen=2 Invalid name
    """
    last = max(at for at, line in enumerate(log) if line.kind is Kind.BTF)
    behind = [line for line in log[last + 1 :] if line.kind is Kind.TEXT]
    text = log[last].text
    plain = re.fullmatch(_BTF_PLAIN, text) or re.fullmatch(_BTF_MEMBER_PLAIN, text)
    messages = behind or ([] if plain or text[:1].islower() else [log[last]])
    if not behind and not plain and not text.startswith("["):
        messages = [log[last]]  # "\tvalue type_id=3 bits_offset=0 Invalid member"
    return Spoken(
        messages=tuple(messages),
        start=messages[0].start if messages else 0,
        end=messages[-1].end if messages else 0,
    )


def counted(log: Sequence[Event]) -> Stats:
    """What the lines of statistics say together."""
    said = (statistics.of_line(line.text) for line in log if line.kind is Kind.STATS)
    return statistics.together(each for each in said if each is not None)


def truncated(log: Sequence[Event], messages: Sequence[Event], omitted: bool) -> Truncated:
    """Which end is missing. A log whose message is there misses nothing at its end."""
    finished = any(line.data.startswith(b"processed ") for line in log if line.kind is Kind.STATS)
    walked = [line for line in log if line.kind in VERIFIER and line.kind is not Kind.TABLE]
    if walked and not finished and not messages:
        return Truncated.TAIL
    if omitted or _headless(log):
        return Truncated.HEAD
    return Truncated.NO


def _headless(log: Sequence[Event]) -> bool:
    for line in log:
        if line.kind in (Kind.BLANK, Kind.COMMENT, Kind.ELLIPSIS):
            continue
        if line.kind in (Kind.INSN, Kind.STATE):
            found = _FIRST_INDEX.match(line.data)
            return found is None or int(found[1]) != 0
        if line.kind is Kind.TEXT:
            continue  # what is left of a line that was cut in the middle
        # Remarks and tables stand at the very beginning, the others are said while instructions are walked.
        return line.kind in (Kind.PRECISION, Kind.FROM, Kind.SAFE, Kind.CALL)
    return False
