"""Runs a patched program beside the refused one, and finds the refused statement again in both."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from bpfdoctor.experiments import meaning
from bpfdoctor.experiments.meaning import Refused
from bpfdoctor.experiments.steps import Step, Workshop, differences, name_of, refusal
from bpfdoctor.kernel.instructions import EXIT
from bpfdoctor.machine.concrete.program import Runnable
from bpfdoctor.model.diagnosis import Fix, Report, Safety

_RUN_SECONDS = 0.3  # of CPU, for running a program before and after a patch


def judged(fix: Fix, report: Report, start: Step, end: Step, shop: Workshop) -> Fix | None:
    """The fix that loads, run beside the refused program; it is unsafe where they differ.

    None for one by which the program never comes to what was refused: that is no fix.
    """
    name = name_of(report) or ""
    before, after = shop.runnable(start.object, name), shop.runnable(end.object, name)
    if before is None or after is None:
        return fix
    refused, executed = _refused_slots(report, start, end, before, after), set[int]()
    found = meaning.compared(before, after, _RUN_SECONDS, refused, executed)
    if found.reached == 0:
        return None
    found = replace(found, lines=len(_lines(after, executed) - _inserted(start, end)))
    safety = Safety.UNSAFE if found.differs else fix.safety
    return replace(fix, safety=safety, outcome=replace(fix.outcome, meaning=found))


def _lines(program: Runnable, slots: Set[int]) -> set[tuple[str, int]]:
    return {place for start, place in program.lines.items() if start in slots}


def _inserted(start: Step, end: Step) -> set[tuple[str, int]]:
    """The lines that a patch has added, and changed none for."""
    return {
        (file.rpartition("/")[2], line)
        for file, text in start.texts.items()
        for tag, _, _, first, last in differences(text, end.texts[file])
        if tag == "insert"
        for line in range(first + 1, last + 1)
    }


def _refused_slots(
    report: Report, start: Step, end: Step, before: Runnable, after: Runnable
) -> Refused | None:
    """Where the refused statement is in both programs; None where the patch takes it out, or ends it."""
    refused = refusal(report)
    slot = refused.insn if refused is not None else None
    place = before.place_of(slot) if slot is not None else None
    said = refused.location if refused is not None else None
    if slot is None or place is None or (said is not None and said.line != place[1]):
        return None  # another loader may have numbered it otherwise
    if before.code[8 * slot : 8 * slot + 1] == bytes((EXIT,)):
        return None
    name, line = place
    now = {
        (name, number)
        for file, text in start.texts.items()
        if file.rpartition("/")[2] == name
        for number in _moved_line(text, end.texts[file], line)
    }
    slots = after.slots_of(now) or after.slots_of(_alike(end, name, now))
    return Refused(before.slots_of({place}), slots) if now else None


def _alike(end: Step, name: str, places: Set[tuple[str, int]]) -> set[tuple[str, int]]:
    """Lines of the same text: of two equal statements the compiler makes one, of one line's or of line 0."""
    found = set()
    for file, text in end.texts.items():
        if file.rpartition("/")[2] == name:
            stripped = [line.strip() for line in text.splitlines()]
            wanted = {stripped[line - 1] for _, line in places if line <= len(stripped)}
            same = {(name, number) for number, line in enumerate(stripped, 1) if line and line in wanted}
            found |= same | {(name, 0)} if len(same) > len(places) else same
    return found


def _moved_line(before: str, after: str, line: int) -> range:
    """The lines that a line has become."""
    for _, first, last, start, end in differences(before, after):
        if first < line <= last:
            same = last - first == end - start
            return (
                range(start + line - first, start + line - first + 1) if same else range(start + 1, end + 1)
            )
    return range(0)
