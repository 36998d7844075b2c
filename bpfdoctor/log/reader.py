"""Cuts lines into attempts: which are a compiler's, a loader's, the verifier's, and a user's own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bpfdoctor.log import repeats
from bpfdoctor.log.attempt import LoadAttempt
from bpfdoctor.log.events import Event
from bpfdoctor.log.kinds import VERIFIER, Kind
from bpfdoctor.log.messages import Found, Known, is_prose, spoken, stage_of
from bpfdoctor.log.shape import LogLines, ShapeParser, start_of
from bpfdoctor.log.wrappers import failure, loader, settle
from bpfdoctor.log.wrappers.error_numbers import number_alone
from bpfdoctor.log.wrappers.loader import LoaderLine, LoaderRole
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Buffer, RawReport, Stage, Verdict
from bpfdoctor.model.transcript import ErrorBlock, Level, Transcript, Truncated
from bpfdoctor.parser import Token

LOG = VERIFIER | {Kind.STATS, Kind.SOFT, Kind.LOOP, Kind.REPORT, Kind.BTF}
_TERMINALS = frozenset(
    {LoaderRole.BEGIN, LoaderRole.FAILED, LoaderRole.POST, LoaderRole.CLOSING, LoaderRole.OPTIONAL}
)
_BTF_REFUSED = b"BTF debug data section '.BTF' rejected"
_IPROUTE_FAILED = (
    *(b"Prog section '", b"Map object '", b"Error fetching program", b"Unable to load program"),
    *(b"RTNETLINK answers", b"Error: "),
)
_MOST_LINES = 4  # in a block of messages that stand alone
_MOST_PARTS = 1000  # transcripts made of one text


class Reader:
    """Walks the lines of a text once and says whose each is; grammars/log.lark says what belongs together."""

    def __init__(self, raw: RawReport, text: Buffer, known: Known | None, piece: Found | None = None) -> None:
        self.raw = raw
        self.text = text
        self.known = known
        self.piece = piece
        self.parser = ShapeParser()
        self.at = 0  # where the line begins that is looked at
        self.log = LogLines(self.parser)  # of the program that is spoken of
        self.open = False  # the next line may belong to the log
        self.framed = False  # a loader said that it begins
        self.awaited = False  # the verdict is in a log that has begun
        self.program: str | None = None
        self.failed = False
        self.compiler: list[Event] = []
        self.warnings: tuple[ErrorBlock, ...] = ()  # for the program that is loaded next
        self.loose: list[Event] = []  # since the last empty line, outside any log
        self.groups: list[list[Event]] = []  # all of these
        self.found: list[Transcript] = []
        self.unseen = False  # the last instruction may be in a large text's gap
        self.about_bpf: int | None = None  # where a loader of BPF programs spoke first
        self.btf_refused = self.iproute_failed = False  # iproute2 loads an object without its BTF, too
        self.left_out = 0  # complaints that nobody would read
        self.os_errors: list[tuple[int, int, str]] = []  # numbers that Rust prints on lines of their own
        self.generic: int | None = None  # where a command asks for XDP's generic mode
        self.fine: tuple[int, str] | None = None  # where a loader says last that it loaded, and its words

    def read(self, lines: list[Event]) -> list[Transcript]:
        for line in lines:
            self._feed(line)
        self._end_compiler()
        self._end_group()
        only_begun = self.open and self.awaited and not self.failed and not self.log.lines
        self.log.close()
        parts: list[Any] = self.parser.end()
        ends = [*map(start_of, parts[1:]), len(self.text)]
        for part, end in zip(parts, ends, strict=False):
            if not isinstance(part, Token):
                self._add(LoadAttempt.of(part), end)
            elif part.type == "COMPILATION":
                self.found.append(Transcript(raw=self.raw, text=self.text, blocks=part.value))
        if only_begun:  # the text ends where its log would follow
            cut = Transcript(raw=self.raw, text=self.text, program=self.program, truncated=Truncated.TAIL)
            self.found.append(cut)
        return self._complete()

    # ---- one line at a time

    def _feed(self, line: Event) -> None:
        self.at = line.start
        if line.kind in (Kind.TEXT, Kind.LOADER) and failure.says_loaded(line.text):
            self.fine = line.start, line.text
        if self.generic is None and settle.asks_for_generic_mode(line.data):
            self.generic = line.start
        if line.data.startswith(_BTF_REFUSED):
            self.btf_refused = True
        elif self.btf_refused and line.data.startswith(_IPROUTE_FAILED):
            self.iproute_failed = True
        if self.compiler and self._feeds_compiler(line):
            return
        if self.open and self.log.in_report and self.log.takes_of_report(line):
            return
        match line.kind:
            case Kind.GAP:
                self._gap(line)
            case Kind.BREAK:
                self._end_compiler()
                self._next()
                self._end_group()
            case Kind.LOADER:
                self._loader(line)
            case Kind.COMPILER:
                self.open = False
                self._end_group()
                self.compiler.append(line)
            case Kind.BLANK:
                self._blank(line)
            case Kind.TEXT | Kind.COMMENT | Kind.ELLIPSIS:
                self._text(line)
            case _:
                self._log(line)

    def _gap(self, line: Event) -> None:
        """What lies in a large text's gap is more of what stood before it, or the log's beginning."""
        if not self.open or self.log.summed_up:
            self._begin()
        self.log.take(line)

    def _log(self, line: Event) -> None:
        after_stats = self.log.summed_up and line.kind is not Kind.STATS
        if not self.open or after_stats or self._starts_anew(line):
            self._begin()
            for taken in self._taken_from_loose(line):
                self.log.take(taken)
        self.log.take(line)

    def _starts_anew(self, line: Event) -> bool:
        """After a message and an empty line another log begins, unless it is the next path: from X to Y."""
        log = self.log.lines
        at = len(log) - 1
        while at >= 0 and log[at].kind in (Kind.BLANK, Kind.ELLIPSIS):
            at -= 1
        if at < 0 or at == len(log) - 1 or log[at].kind not in (Kind.TEXT, Kind.LOOP):
            return False
        return line.kind in VERIFIER and line.kind not in (Kind.FROM, Kind.SAFE)

    def _taken_from_loose(self, line: Event) -> list[Event]:
        """Lines directly above a log's first recognisable line that belong to it.

        map 'timers' has no valid bpf_timer
        processed 11 insns (limit 1000000) …
        """
        wanted = (
            {Kind.COMMENT, Kind.TEXT} if line.kind in (Kind.STATS, Kind.LOOP, Kind.REPORT) else {Kind.COMMENT}
        )
        if self.loose and (errno := number_alone(self.loose[-1].text)) is not None:
            self.parser.feed("NUMBER", self.at, errno)
        if not self.loose and self.groups and self._goes_on(line):
            self.loose = self.groups.pop()
        taken: list[Event] = []
        while self.loose and self.loose[-1].kind in wanted and len(taken) < _MOST_LINES:
            candidate = self.loose[-1]
            if candidate.kind is Kind.TEXT and not self._may_speak(candidate):
                break
            taken.insert(0, self.loose.pop())
        self._end_group()
        return taken

    def _goes_on(self, line: Event) -> bool:
        """Whether a line after an empty one goes on with the last group of lines.

        The kernel leaves a line empty before its report; before `processed` a person, or a terminal, did.
        """
        if line.kind is not Kind.STATS or self.known is None:
            return line.kind is Kind.REPORT
        last = self.groups[-1][-1]
        return last.kind is Kind.TEXT and self.known(last.text)

    def _may_speak(self, line: Event) -> bool:
        text = line.text
        if (self.known and self.known(text)) or stage_of(text) is Stage.VERIFIER:
            return True
        return not is_prose(text) and failure.read(text, alone=True) is None

    def _text(self, line: Event) -> None:
        if not self.open or self.log.summed_up or self._is_aside(line):
            self.open = False
            self.loose.append(line)
        elif self.log.lines or line.kind is not Kind.ELLIPSIS:
            self.log.take(line)

    def _is_aside(self, line: Event) -> bool:
        """Whether a line after an empty one is no part of the log: the kernel's messages follow directly."""
        log = self.log.lines
        if line.kind is not Kind.TEXT or any(above.kind is Kind.REPORT for above in log[-3:]):
            return False
        expected = log[-1].kind is not Kind.BLANK if log else self.framed
        return not expected and spoken(line.text, self.known) is None

    def _blank(self, line: Event) -> None:
        self._end_group()
        if self.open and self.log.lines:
            self.log.take(line)

    # ---- what loaders say

    def _loader(self, line: Event) -> None:
        said = loader.parse(line.data.decode("utf-8", "replace"))
        if said is None:
            self._text(line._replace(kind=Kind.TEXT))
            return
        if said.weak and said.role is not LoaderRole.POST:
            self.groups.append([line])  # "Error: R3 !read_ok"
        if self.about_bpf is None and not said.weak:
            self.about_bpf = line.start
        if said.role is LoaderRole.NOISE:
            if line.data.startswith(b"thread '"):
                self.groups.append([line])  # what Rust panics with may be on the same line
            # 5.10's libbpf prints its name before the log
            self.open = self.open and said.text.rstrip() in ("libbpf:", "")
            return
        self._end_group()
        if said.role is LoaderRole.OMITTED and self.open and self.log.interrupted:
            self.log.cut(line)
            self.open = "truncated" not in said.text  # else the log goes on after it
        else:
            self._hear(said, line)

    def _hear(self, said: LoaderLine, line: Event) -> None:
        self.log.close()
        role = said.role
        is_other = said.program is not None and self.program not in (None, said.program)
        if (role in (LoaderRole.BEGIN, LoaderRole.POST) and is_other) or (
            role is LoaderRole.FAILED and self.failed
        ):
            self._next()
        elif role in (LoaderRole.BEGIN, LoaderRole.FAILED) and self.log.lines:
            self._forget()
        self.open = role is LoaderRole.BEGIN or (role is LoaderRole.FAILED and said.log_follows)
        self.framed = self.framed or role is LoaderRole.BEGIN
        self.awaited = role is LoaderRole.BEGIN and said.loads is None
        if role is LoaderRole.POST and said.weak and not self.failed and not self.log.lines:
            self.os_errors.append((line.start, said.errno or 0, line.text))
            self.groups.append([line])  # it may name the call that failed, too
            return  # "No such file or directory (os error 2)" of any program
        if role is not LoaderRole.END:
            self.parser.feed(role.name if role in _TERMINALS else "BESIDE", self.at, (said, line))
        if role in (LoaderRole.BEGIN, LoaderRole.FAILED, LoaderRole.POST):
            self.program = said.program or self.program
            self.failed = self.failed or role is not LoaderRole.BEGIN or said.loads is False
        elif role is LoaderRole.ERROR:
            self.program = self.program or said.program
        if role in (LoaderRole.CLOSING, LoaderRole.OPTIONAL):
            self._forget()

    # ---- compilers

    def _feeds_compiler(self, line: Event) -> bool:
        """Excerpts, carets and backtraces belong to the compiler until somebody else speaks."""
        ends = line.kind in LOG or line.kind in (Kind.GAP, Kind.BREAK)
        if line.kind is Kind.LOADER:
            said = loader.parse(line.text)
            ends = said is not None and said.role is not LoaderRole.NOISE
        if ends:
            self._end_compiler()
        else:
            self.compiler.append(line)
        return not ends

    def _end_compiler(self) -> None:
        if not self.compiler:
            return
        from bpfdoctor.log.wrappers import compiler  # most texts have no compiler in them

        self.log.close()
        at = self.compiler[0].start
        for blocks in compiler.read(self.compiler):
            if all(some.severity is Level.WARNING for some in blocks):
                self.parser.feed("WARNED", at, blocks)
            else:
                self.parser.feed("COMPILATION", at, blocks)
                self._forget()
        self.compiler = []

    # ---- from one program to the next

    def _begin(self) -> None:
        if self.log.lines:
            self._next()
        self.open = True

    def _next(self) -> None:
        self.log.close()
        self.parser.feed("NEXT", self.at)
        self._forget()

    def _forget(self) -> None:
        """What comes is about another program, or the same once more."""
        self.log = LogLines(self.parser)
        self.open = self.framed = self.awaited = self.failed = False
        self.program = None

    def _end_group(self) -> None:
        if self.loose:
            self.groups.append(self.loose)
            self.loose = []

    # ---- putting together

    def _add(self, attempt: LoadAttempt, end: int) -> None:
        self.warnings += attempt.compiled
        attempt.taken_apart = len(self.found) <= _MOST_PARTS
        is_about_bpf = self.about_bpf is not None and self.about_bpf <= end
        made = attempt.transcript(self.raw, self.text, self.known, is_about_bpf)
        if made is None:
            return
        self.unseen = self.unseen or attempt.unseen
        self.left_out += attempt.left_out
        if attempt.optional:
            self.warnings += made.blocks
            return
        if self.warnings and made.blocks:
            made, self.warnings = replace(made, blocks=made.blocks + self.warnings), ()
        self.found.append(made)

    def _complete(self) -> list[Transcript]:
        found = repeats.folded(self.found, self.text)
        if self.warnings:
            found.append(Transcript(raw=self.raw, text=self.text, blocks=self.warnings))
        if not any(part.blocks or part.succeeded for part in found):
            found = repeats.folded(found + self._lonely(self.piece), self.text)
        elif len(found) == 1 and self.raw.stage is Stage.PASTE:
            found = [self._with_message(found[0])]
        if self.raw.stage is Stage.PASTE:
            found = self._with_failures(found)
        found = settle.without_echoes(found)
        if not any(part.blocks for part in found) and self.raw.stage is not Stage.PASTE:
            found = self._last_resort(found)
        if len(found) > _MOST_PARTS:
            found = repeats.fewer(found, _MOST_PARTS)
        if self.left_out:
            said = f"{self.left_out} more complaints of the loader's in this text are not explained"
            found.append(Transcript(raw=self.raw, text=self.text, incomplete=said))
        return found or [Transcript(raw=self.raw, text=self.text)]

    def _with_failures(self, found: list[Transcript]) -> list[Transcript]:
        """With what loaders say in lines of no known frame, and whether one of them says that it loaded."""
        said = [block for part in found for block in part.blocks if self._is_message(block)]
        if all(map(self._is_unread, said)):
            parts = settle.told(self.groups, self.raw, self.text, _MOST_PARTS)
            if parts and said:
                found = [
                    replace(part, blocks=tuple(b for b in part.blocks if b not in said)) for part in found
                ]
            kept = (part for part in found if part.blocks or part.succeeded or part.log_end or not parts)
            found = [*kept, *parts]
        if not found and (last := settle.only_failure(self.groups)) is not None:
            found = [Transcript(raw=self.raw, text=self.text, blocks=(last,))]
        found = settle.settled(settle.with_numbers(found, self.os_errors))
        if self.generic is not None:
            found = settle.in_generic_mode(found, self.generic)
        if self.btf_refused and not self.iproute_failed:
            return settle.without_btf(found)
        return settle.with_success(found, self.fine) if self.fine else found

    def _is_message(self, block: ErrorBlock) -> bool:
        return block.failure is None and block.severity in (Level.ERROR, Level.FATAL)

    def _is_unread(self, block: ErrorBlock) -> bool:
        """Whether no rule knows a loader's words: the grammar of failures makes more of them."""
        known = self.known is None or any(map(self.known, block.lines))
        return block.stage is Stage.LOADER and not known

    def _with_message(self, part: Transcript) -> Transcript:
        """Of a loader's line without a log: with the verifier's message, where it stands alone beside it."""
        is_bare = [block.failure is not None and not block.lines for block in part.blocks]
        if part.log_end or is_bare != [True]:
            return part
        beside = [block for each in self._lonely(None) for block in each.blocks]
        if not beside or beside[-1].stage is not Stage.VERIFIER:
            return part
        return replace(part, blocks=(replace(beside[-1], errno=part.blocks[0].errno),))

    def _lonely(self, piece: Found | None) -> list[Transcript]:
        """Messages in a text without a log."""
        from bpfdoctor.log import lonely

        return lonely.read(self.raw, self.text, self.groups, lonely.Asked(self.known, piece))

    def _last_resort(self, found: Sequence[Transcript]) -> list[Transcript]:
        """A failure that was captured must not end in silence: the last line is better than none."""
        if self.raw.verdict not in (Verdict.NOT_COMPILED, Verdict.NOT_LOADED):
            return list(found)
        lines = (line for group in reversed(self.groups) for line in reversed(group))
        last = next((line for line in lines if line.text.strip()), None)
        block = ErrorBlock(
            lines=(last.text,) if last else (),
            stage=self.raw.stage,
            start=last.start if last else 0,
            end=last.end if last else 0,
            errno=self.raw.errno,
        )
        kept = found[-1] if found else Transcript(raw=self.raw, text=self.text)
        return [*found[:-1], replace(kept, blocks=(block,), succeeded=False)]
