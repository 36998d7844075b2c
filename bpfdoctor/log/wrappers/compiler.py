"""Reads what clang, LLVM's back end, BCC's front end and bpftrace's print when a program does not compile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from typing import cast

from bpfdoctor import grammar
from bpfdoctor.log.events import Event, events_of
from bpfdoctor.log.kinds import Kind
from bpfdoctor.log.number import position
from bpfdoctor.log.wrappers import failure
from bpfdoctor.log.wrappers.consequences import independent
from bpfdoctor.log.wrappers.error_numbers import number
from bpfdoctor.model.record import dataclass, field, replace
from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import ErrorBlock, Level
from bpfdoctor.parser import Token


class CompilerRole(Enum):
    """What a compiler's line does for the reader."""

    MESSAGE = auto()
    CONTEXT = auto()  # belongs to the message above (notes) or below (In file included from)
    FUNCTION = auto()  # names the function the message is about
    CRASH = auto()  # a backtrace of the compiler follows
    COUNT = auto()  # "2 errors generated.": the end of one compilation
    LESSER = auto()  # an error only where nothing better was said
    SUMMARY = auto()  # the end of BCC's, and an error where nothing at all was said


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a compiler, taken apart."""

    role: CompilerRole
    text: str = ""
    severity: Level = Level.ERROR
    file: str | None = None
    line: int | None = None
    column: int | None = None
    function: str | None = None
    stage: Stage = Stage.COMPILER


@dataclass(slots=True)
class _Draft:
    """A message while its context is being collected."""

    said: Said
    start: int
    end: int
    context: list[str] = field(default_factory=list)
    guessed: bool = False  # clang could not find the place and named the function's first line
    closed: bool = False  # what follows is no context of this message
    repeats: int = 1
    also: list[tuple[str | None, int | None, int | None]] = field(
        default_factory=list
    )  # where it is said again


_LINES = 5000  # looked at besides errors and warnings that explain something
_CONTEXT = 50  # lines kept around a message; a DAG can have thousands

# With -g the DAG ends in a place: "i64 = sdiv 0x5a20, 0x5a30, ratio.c:4:18".
_DAG_PLACE = re.compile(r", ([^\s,:]{1,300}):(\d{1,9}):(\d{1,9})(?=$| |,)")
# GCC's words for it, of an #include: "fatal error: asm/types.h: No such file or directory".
_GCC_MISSING = re.compile(r"([^\s:]{1,300}\.(?:h|hpp|inc)): No such file or directory")
_UNKNOWN_PLACE = re.compile(r"could not determine the original source location")
# One per access to the object that is too large: one problem.
_ONCE_PER_ACCESS = re.compile(r"Looks like the BPF stack limit")
# One for each use of what is missing: one mistake. What it is about stands in quotes.
_ONCE_PER_USE = re.compile(
    r"use of undeclared |unknown type name |call to undeclared |implicit declaration |implicitly declaring "
    r"|no member named |incomplete definition of |use of unknown builtin |A call to built-in function "
)
_MOST_PLACES = 20
_NOTED = b"= note: "
_NO_MAP = "could not open bpf map"
_SAYS_ERROR = re.compile(r": (?:fatal )?error: (.*)")  # in whatever form: an error is never passed over
# BCC warns of what LLVM then refuses.
_TOO_MANY = re.compile(r"more than 3 conversion specifiers|^too many args|too many arguments$")
# Said of each use of a map whose definition was refused.
_FOLLOWS = re.compile(r"^bpf_table \w+ failed to open$|^expected initialized handle for bpf_table$")
# Warnings that tell why a later step fails.
_EXPLAINS = re.compile(
    r"implicit declaration of function|call to undeclared |implicitly declaring library|is invalid in C99"
    r"|loop not (?:unrolled|vectorized)|-Wpass-failed"
    r"|-Winline-asm|immediate out of|semantics of this intrinsic|preserve_static_offset|unknown attribute"
    r"|conversion specifiers|incompatible (?:integer|pointer)|returning address of label|Non-constant offset"
    # Nobody refuses these.
    r"|is (?:used )?uninitialized when|comparison against a string literal|cannot use several %s"
)


def parse(text: str) -> Said | None:
    """What a compiler says in one line; None when no grammar knows the line. Never raises."""
    try:
        return cast(Said, grammar.parser("compiler", transformer=_ToSaid).parse(text[:2048].strip()))
    except ValueError:
        found = _SAYS_ERROR.search(text[:2048])
        return _message(found[1], Level.ERROR) if found and found[1].strip() else None


def read(lines: Sequence[Event]) -> list[tuple[ErrorBlock, ...]]:
    """One tuple of blocks per compilation in these lines; none for a compilation that said nothing of use."""
    compilations: list[tuple[ErrorBlock, ...]] = []
    for part in _compilations(lines):
        if blocks := _blocks(part):
            compilations.append(blocks)
    return compilations


def warnings(text: bytes) -> Iterator[ErrorBlock]:
    """What a compiler said of a program that it compiled, as far as it is of use."""
    return (block for blocks in read(events_of(text)) for block in blocks)


Parsed = tuple[Event, Said | None]


def _compilations(lines: Sequence[Event]) -> Iterator[list[Parsed]]:
    part: list[Parsed] = []
    counted = False
    for line in _chosen(lines):
        said = None
        if line.kind is Kind.COMPILER or _names_function(line):
            said = parse(line.text)
        elif _NOTED in line.data[:40]:  # rustc passes on what its linker said
            said = parse(line.text.partition(_NOTED.decode())[2])
        if counted and said is not None and said.role in (CompilerRole.MESSAGE, CompilerRole.LESSER):
            if not _goes_on(part, said):
                yield part
                part = []
            counted = False
        part.append((line, said))
        counted = counted or (said is not None and said.role is CompilerRole.COUNT)
    yield part


def _goes_on(part: Sequence[Parsed], said: Said) -> bool:
    """Whether LLVM's back end speaks of what the front end only warned of: BCC counts the warnings before."""
    of_front = [each for _, each in part if each is not None and each.role is CompilerRole.MESSAGE]
    return said.function is not None and all(
        each.severity is Level.WARNING and each.file == said.file for each in of_front
    )


def _chosen(lines: Sequence[Event]) -> Iterator[Event]:
    """All lines; of very many the last ones, and messages that may be told of, with what follows them."""
    first = len(lines) - _LINES
    told = True
    for at, line in enumerate(lines):
        if line.kind is Kind.COMPILER:
            told = b"warning: " not in line.data[:800] or _EXPLAINS.search(line.text[:2048]) is not None
        if told or at >= first:
            yield line


def _names_function(line: Event) -> bool:
    return line.data.startswith(b"In function: ") or b"on function '@" in line.data


def _blocks(lines: list[Parsed]) -> tuple[ErrorBlock, ...]:
    drafts: list[_Draft] = []
    lesser: list[_Draft] = []
    pending: list[str] = []  # what stands above the message it belongs to
    for line, said in lines:
        if said is None:
            _continue(drafts, line)
        elif said.role is CompilerRole.MESSAGE and said.severity is not Level.NOTE:
            drafts.append(_Draft(said, line.start, line.end, pending))
            pending = []
        elif said.role is CompilerRole.FUNCTION:
            if drafts and drafts[-1].said.function is None:
                drafts[-1].said = replace(drafts[-1].said, function=said.function)
        elif said.role in (CompilerRole.LESSER, CompilerRole.SUMMARY):
            lesser.append(_Draft(said, line.start, line.end))
        elif said.role in (CompilerRole.COUNT, CompilerRole.CRASH):
            for draft in drafts[-1:]:
                draft.closed = True
        elif said.severity is Level.NOTE:
            _continue(drafts, line)
            if drafts and _UNKNOWN_PLACE.search(said.text):
                drafts[-1].guessed = True
        else:
            pending.append(line.text)
    chosen = [draft for draft in drafts if draft.said.severity is not Level.WARNING]
    if not chosen and lesser:
        chosen = [min(lesser, key=lambda draft: draft.said.role is CompilerRole.SUMMARY)]
    is_refused = any(_TOO_MANY.search(draft.said.text) for draft in chosen)
    chosen += [
        draft
        for draft in drafts
        if draft.said.severity is Level.WARNING
        and _EXPLAINS.search(draft.said.text)
        and not (is_refused and _TOO_MANY.search(draft.said.text))
    ]
    in_order = sorted(chosen, key=lambda draft: draft.start)
    independently, guilty = independent([(draft.said, draft.context) for draft in in_order])
    for at in guilty:  # clang went on after a warning, and then could not
        in_order[at].said = replace(in_order[at].said, severity=Level.ERROR)
    kept = {id(in_order[at]) for at in independently}
    return tuple(map(_block, _folded([draft for draft in chosen if id(draft) in kept])))


def _continue(drafts: list[_Draft], line: Event) -> None:
    if (
        drafts
        and not drafts[-1].closed
        and line.kind is not Kind.BLANK
        and len(drafts[-1].context) < _CONTEXT
    ):
        drafts[-1].context.append(line.data[:400].decode("utf-8", "replace").rstrip())
        drafts[-1].end = line.end


def _folded(drafts: list[_Draft]) -> list[_Draft]:
    """One draft for what clang repeats: the front end's message at any place, and the stack limit's."""
    kept: dict[tuple[object, ...], _Draft] = {}
    for draft in drafts:
        said = draft.said
        key: tuple[object, ...] = (said.file, said.text)
        if not (_ONCE_PER_ACCESS.search(said.text) or _ONCE_PER_USE.match(said.text)):
            key = (*key, said.line, said.column, said.function)
        first = kept.setdefault(key, draft)
        if first is draft:
            continue
        first.repeats += 1
        place = (said.file, said.line, said.column)
        is_new = place != (first.said.file, first.said.line, first.said.column) and place not in first.also
        if _ONCE_PER_USE.match(said.text) and is_new and len(first.also) < _MOST_PLACES:
            first.also.append(place)
        if first.guessed and not draft.guessed and said.line is not None:
            first.said, first.context, first.guessed = said, draft.context, False
        first.end = max(first.end, draft.end)
    return list(kept.values())


def _block(draft: _Draft) -> ErrorBlock:
    said = draft.said
    return ErrorBlock(
        lines=(said.text,),
        stage=said.stage,
        start=draft.start,
        end=draft.end,
        errno=number(said.text) if said.stage is Stage.LOADER else None,
        failure=failure.read(said.text) if said.stage is Stage.LOADER else None,
        repeats=draft.repeats,
        file=said.file,
        line=said.line,
        column=said.column,
        severity=said.severity,
        function=said.function,
        context=tuple(draft.context),
        also=tuple(draft.also),
    )


def _message(text: str, level: Level, **place: object) -> Said:
    """A message; the place that -g puts into its middle or at its end becomes the message's place."""
    found = _DAG_PLACE.search(text)
    if found is not None:
        text = text[: found.start()] + text[found.end() :]
        if place.get("line") in (None, 0):
            place |= {"file": found[1], "line": position(found[2]), "column": position(found[3])}
    if (missing := _GCC_MISSING.fullmatch(text.strip())) is not None:
        text = f"'{missing[1]}' file not found"
    if place.get("column") == 0:
        place["column"] = None
    if place.get("line") == 0:  # "<unknown>:0:0", "/virtual/main.c:0:0"
        place |= {"line": None, "column": None}
        if place.get("file") == "<unknown>":
            place["file"] = None
    return Said(CompilerRole.MESSAGE, text.strip(), level, **place)  # type: ignore[arg-type]


def _level(token: Token) -> Level:
    return Level(str(token).removesuffix(" error"))


class _ToSaid:
    """Builds what was said while a line is parsed."""

    def located(self, children: list[Token]) -> Said:
        file, line, column, severity, text = children
        if severity == "note":
            return Said(CompilerRole.CONTEXT, str(text), Level.NOTE)
        said = _message(
            str(text), _level(severity), file=str(file), line=position(line), column=position(column)
        )
        if said.text.startswith(_NO_MAP):  # before 2016 BCC said it of a place in the source
            return replace(said, stage=Stage.LOADER)
        return replace(said, role=CompilerRole.LESSER) if _FOLLOWS.search(said.text) else said

    def script(self, children: list[Token]) -> Said:
        """bpftrace, of a place in its script: line and columns."""
        file, line, span, text = children
        first = position(str(span).partition("-")[0])
        return Said(CompilerRole.MESSAGE, str(text), file=str(file), line=position(line), column=first)

    def script_lines(self, children: list[Token]) -> Said:
        file, line, _, text = children
        return Said(CompilerRole.MESSAGE, str(text), file=str(file), line=position(line))

    def line_only(self, children: list[Token]) -> Said:
        file, line, severity, text = children
        if severity == "note":
            return Said(CompilerRole.CONTEXT, str(text), Level.NOTE)
        return _message(str(text), _level(severity), file=str(file), line=position(line))

    def in_function(self, children: list[Token]) -> Said:
        severity, where, text = children
        place, _, signature = where.partition(": in function ")
        file, line, column = place.rsplit(":", 2)
        return _message(
            str(text),
            Level.ERROR if severity.type == "BACKEND" else _level(severity),
            file=file,
            line=position(line),
            column=position(column),
            function=signature.split(" ", 1)[0],
        )

    def backend(self, children: list[Token]) -> Said:
        return _message(str(children[-1]), Level.FATAL)

    def speechless(self, children: list[Token]) -> Said:
        return Said(CompilerRole.MESSAGE, str(children[0]).strip(), Level.FATAL)

    def driver(self, children: list[Token]) -> Said:
        _, severity, text = children
        if severity == "note":
            return Said(CompilerRole.CONTEXT, str(text), Level.NOTE)
        role = (
            CompilerRole.LESSER
            if "command failed" in text or "unable to execute" in text
            else CompilerRole.MESSAGE
        )
        return Said(role, str(text), _level(severity))

    def plain(self, children: list[Token]) -> Said:
        severity, text = children
        if severity == "note":
            return Said(CompilerRole.CONTEXT, str(text), Level.NOTE)
        said = _message(str(text), _level(severity))
        is_summary = said.text.startswith(("linking with ", "LLVM issued diagnostic"))
        return replace(said, role=CompilerRole.LESSER) if is_summary else said

    def remark(self, children: list[Token]) -> Said:
        """clang 14 and BCC print it before the fatal error that ends the compilation."""
        return Said(CompilerRole.CONTEXT, str(children[-1]))

    def included(self, children: list[Token]) -> Said:
        return Said(CompilerRole.CONTEXT, str(children[-1]))

    def function(self, children: list[Token]) -> Said:
        return Said(CompilerRole.FUNCTION, function=str(children[-1]))

    def count(self, _: list[Token]) -> Said:
        return Said(CompilerRole.COUNT)

    def environment(self, children: list[Token]) -> Said:
        return Said(CompilerRole.MESSAGE, str(children[0]))

    def no_map(self, children: list[Token]) -> Said:
        """BCC creates the maps while it compiles."""
        return Said(CompilerRole.MESSAGE, str(children[0]), stage=Stage.LOADER)

    def no_tool(self, children: list[Token]) -> Said:
        """The shell or Make, of a program that is not installed."""
        return Said(CompilerRole.MESSAGE, str(children[0]), stage=Stage.LOADER)

    def lesser(self, children: list[Token]) -> Said:
        return Said(CompilerRole.LESSER, str(children[0]))

    def summary(self, children: list[Token]) -> Said:
        return Said(CompilerRole.SUMMARY, str(children[0]))

    def crash(self, children: list[Token]) -> Said:
        return Said(CompilerRole.CRASH, str(children[0]))
