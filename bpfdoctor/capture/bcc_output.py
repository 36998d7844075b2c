"""Takes apart what libbcc prints while compiling: messages and the rewritten source; maps lines back.

clang -cc1 -triple … -x c /virtual/main.c
/virtual/main.c:2:31: error: …               lines of the text that was handed over
#if defined(BPF_LICENSE)                     the rewritten source, from here …
#include <bcc/footer.h>                      … to here
error: /virtual/main.c:14:15: in function …  lines of the rewritten source, under the same name
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter

from bpfdoctor.capture import columns, linemap, rewriting
from bpfdoctor.formats.c_text import code_only
from bpfdoctor.model.record import dataclass, field, replace
from bpfdoctor.model.report import LineMap

FRONT, REWRITTEN = "/virtual/main.c", "main.c"  # the names that messages and the verifier's log give
_COMMAND = re.compile(rb"^(?:Running from kernel directory at: [^\n]*)?clang -cc1 [^\n]*\n", re.M)
_FIRST, _LAST = b"#if defined(BPF_LICENSE)\n", b"\n#include <bcc/footer.h>\n"


@dataclass(frozen=True, slots=True)
class BccSource:
    """One BCC program: the C text and where its lines stand in the user's file."""

    text: str
    user_file: str
    lines: dict[int, int] | None = None  # line of `text` -> line of the user's file; None = the same
    attached: dict[str, str] = field(default_factory=dict)  # function -> type, from the Python tool
    cflags: tuple[str, ...] = ()
    folder: str = "."  # where its own headers are
    prelude: str = ""  # lines that go in front, and are not the user's
    user_text: str = ""  # the text of the user's file, where `lines` leads into it

    @property
    def handed_over(self) -> str:
        """What libbcc gets."""
        return self.prelude + self.text

    def line(self, line: int) -> int | None:
        """The user's line of a line that libbcc got."""
        line -= self.prelude.count("\n")
        if line < 1:
            return None
        return line if self.lines is None else self.lines.get(line)

    def places(self) -> columns.UserPlace:
        """From lines and byte columns of what libbcc got to the user's."""
        mine, theirs = self.handed_over.split("\n"), self.user_text.split("\n")

        def place(line: int, column: int) -> tuple[int, int] | None:
            to = self.line(line)
            if to is None or self.lines is None:
                return None if to is None else (to, column)
            return to, columns.column_in(mine[line - 1], column, theirs[to - 1] if to <= len(theirs) else "")

        return place


@dataclass(frozen=True, slots=True)
class BccOutput:
    """The parts of what libbcc printed."""

    before: bytes  # clang's messages about the text that was handed over
    rewritten: str | None
    after: bytes  # clang's and LLVM's messages about the rewritten source, and about maps

    @property
    def messages(self) -> bytes:
        """What a user of BCC would have seen."""
        return self.before + self.after


def split(printed: bytes) -> BccOutput:
    """Take the printed text apart."""
    printed = _COMMAND.sub(b"", printed)
    first = printed.find(_FIRST)
    last = printed.rfind(_LAST)
    if first < 0 or last < first:
        return BccOutput(printed, None, b"")
    end = last + len(_LAST)
    return BccOutput(
        printed[:first], printed[first:end].decode("utf-8", "replace"), printed[end:].lstrip(b"\n")
    )


# What makes BCC put a struct of its own in front of a function, a line for each argument of the tracepoint.
_WITH_STRUCT = re.compile(r"(?<!RAW_)\bTRACEPOINT_PROBE\s*\(|\bstruct tracepoint__\w+__\w+\s*\*")
_LEAST = 3  # lines of such a struct
# Since LLVM 17 the line that is shown has its number before it.
_MESSAGE = re.compile(r"^/virtual/main\.c:(\d{1,7}):\d+: [^\n]*\n(?: {0,9}\d{1,7} \| )?([^\n]*)", re.M)


def _shifted(said: str, handed: str) -> dict[int, int]:
    """Line that clang's first pass names -> line of the text, where BCC's structs have moved it.

    Clang prints the line it means; how far that is from the same line of the text is the same for all lines
    between two structs, and grows with each.
    """
    text = handed.split("\n")
    starts = [handed.count("\n", 0, found.start()) + 1 for found in _WITH_STRUCT.finditer(code_only(handed))]
    if not starts:
        return {}
    at_line: dict[str, list[int]] = {}
    for number, written in enumerate(text, 1):
        at_line.setdefault(written, []).append(number)
    named = [(int(number), shown) for number, shown in _MESSAGE.findall(said)]
    fits: Counter[tuple[int, int]] = Counter()  # (structs before it, shift) -> messages that it would explain
    for number, shown in named:
        for line in at_line.get(shown, ()):
            before = bisect_right(starts, line)
            if number - line >= _LEAST * before:
                fits[before, number - line] += 1
    shift: dict[int, int] = {}
    for (before, moved), _ in sorted(fits.items(), key=lambda each: (-each[1], each[0][1])):
        shift.setdefault(before, moved)
    found: dict[int, int] = {}
    for number, shown in named:
        lines = at_line.get(shown, [])
        here = next((at for at in lines if number - at == shift.get(bisect_right(starts, at))), number)
        if here != number:
            found[number] = here
    return found


def line_maps(source: BccSource, output: BccOutput | None) -> tuple[LineMap, ...]:
    """The maps for messages, of clang's first and second pass, and for the verifier's log.

    Without `output` only the one for the first pass.
    """
    handed, place = source.handed_over, source.places()
    here = columns.Offsets(handed)
    count = handed.count("\n") + 1
    lines = {line: to for line in range(1, count + 1) if (to := source.line(line)) is not None}
    own = columns.pieces(columns.same(handed), here, here, place) if source.lines is not None else {}
    front = LineMap(FRONT, source.user_file, lines, own)
    if output and (shifted := _shifted(output.before.decode("utf-8", "replace"), handed)):
        front = replace(
            front,
            lines=lines | {there: lines[at] for there, at in shifted.items() if at in lines},
            pieces={**own, **{there: own[at] for there, at in shifted.items() if at in own}},
        )
    if not output or output.rewritten is None:
        return (front,)
    theirs, mine = output.rewritten.split("\n"), handed.split("\n")
    aligned = linemap.align(theirs, mine)
    there = columns.Offsets(output.rewritten)
    anchors = [(there.start(i + 1), here.start(j + 1)) for i, j in linemap.anchors(theirs, mine)]
    tokens = rewriting.follow(output.rewritten, handed, anchors)
    back = LineMap(
        REWRITTEN,
        source.user_file,
        {line: to for line, handed_line in aligned.items() if (to := source.line(handed_line)) is not None},
        columns.pieces(tokens, there, here, place),
    )
    return (front, replace(back, file=FRONT, since=len(output.before)), back)
