"""Cuts lines into attempts: which are a compiler's, a loader's, the verifier's, and a user's own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bpfdoctor.model.report import Buffer, RawReport, Stage, Verdict
from bpfdoctor.model.transcript import ErrorBlock, Transcript
from bpfdoctor.transcript import loader, repeats
from bpfdoctor.transcript.attempt import Attempt
from bpfdoctor.transcript.error_numbers import number_alone
from bpfdoctor.transcript.events import Event
from bpfdoctor.transcript.kinds import VERIFIER, Kind
from bpfdoctor.transcript.loader import LoaderLine, Role
from bpfdoctor.transcript.lonely import Asked
from bpfdoctor.transcript.messages import Known, is_prose, spoken, stage_of

LOG = VERIFIER | {Kind.STATS, Kind.SOFT, Kind.LOOP, Kind.REPORT, Kind.BTF}
_MOST_LINES = 4  # in a block of messages that stand alone
_MOST_PARTS = 1000  # transcripts made of one text


class Reader:
    """Walks the lines of a text once and collects what belongs together."""

    def __init__(self, raw: RawReport, text: Buffer, known: Known | None) -> None:
        self.raw = raw
        self.text = text
        self.known = known
        self.attempt = Attempt()
        self.compiler: list[Event] = []
        self.warnings: tuple[ErrorBlock, ...] = ()  # for the program that is loaded next
        self.loose: list[Event] = []  # since the last empty line, outside any log
        self.groups: list[list[Event]] = []  # all of these
        self.found: list[Transcript] = []
        self.unseen = False  # the last instruction may be in a large text's gap
        self.is_about_bpf = False  # a loader of BPF programs spoke

    def read(self, lines: list[Event]) -> list[Transcript]:
        for line in lines:
            self._feed(line)
        self._end_compiler()
        self._flush()
        self._end_group()
        return self._complete()

    # ---- one line at a time

    def _feed(self, line: Event) -> None:
        if self.compiler and self._feeds_compiler(line):
            return
        attempt = self.attempt
        if attempt.open and attempt.in_report and attempt.takes_of_report(line):
            return
        match line.kind:
            case Kind.GAP:
                self._gap(line)
            case Kind.BREAK:
                self._end_compiler()
                self._flush()
                self._end_group()
            case Kind.LOADER:
                self._loader(line)
            case Kind.COMPILER:
                self._close()
                self._end_group()
                self.compiler.append(line)
            case Kind.BLANK:
                self._blank(line)
            case Kind.TEXT | Kind.COMMENT | Kind.ELLIPSIS:
                self._text(line)
            case _:
                self._log(line)

    def _gap(self, line: Event) -> None:
        """What lies in a large text's gap is more of what stood in front of it, or the log's beginning."""
        if not self.attempt.open or self.attempt.summed_up:
            self._begin()
        self.attempt.log.append(line)

    def _log(self, line: Event) -> None:
        attempt = self.attempt
        after_stats = attempt.summed_up and line.kind is not Kind.STATS
        if not attempt.open or after_stats or self._starts_anew(line):
            self._begin()
            attempt = self.attempt
            attempt.log += self._taken_from_loose(line)
        attempt.log.append(line)
        attempt.in_report = line.kind is Kind.REPORT
        if line.kind is Kind.STATS and line.data.startswith(b"processed "):
            attempt.summed_up = True

    def _starts_anew(self, line: Event) -> bool:
        """Behind a message and an empty line another log begins, unless it is the next path: from X to Y."""
        log = self.attempt.log
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
        if self.loose and self.attempt.errno is None:
            self.attempt.errno = number_alone(self.loose[-1].text)
        if line.kind is Kind.REPORT and not self.loose and self.groups:
            self.loose = self.groups.pop()  # the kernel leaves a line empty in front of its report
        taken: list[Event] = []
        while self.loose and self.loose[-1].kind in wanted and len(taken) < _MOST_LINES:
            candidate = self.loose[-1]
            if candidate.kind is Kind.TEXT and not self._may_speak(candidate):
                break
            taken.insert(0, self.loose.pop())
        self._end_group()
        return taken

    def _may_speak(self, line: Event) -> bool:
        text = line.text
        return bool(self.known and self.known(text)) or stage_of(text) is Stage.VERIFIER or not is_prose(text)

    def _text(self, line: Event) -> None:
        attempt = self.attempt
        if not attempt.open or attempt.summed_up or self._is_aside(line):
            self._close()
            self.loose.append(line)
        elif attempt.log or line.kind is not Kind.ELLIPSIS:
            attempt.log.append(line)

    def _is_aside(self, line: Event) -> bool:
        """Whether a line behind an empty one is no part of the log: the kernel's messages follow directly."""
        log = self.attempt.log
        if line.kind is not Kind.TEXT or self._after_report():
            return False
        expected = log[-1].kind is not Kind.BLANK if log else self.attempt.framed
        return not expected and spoken(line.text, self.known) is None

    def _after_report(self) -> bool:
        return any(line.kind is Kind.REPORT for line in self.attempt.log[-3:])

    def _blank(self, line: Event) -> None:
        self._end_group()
        if self.attempt.open and self.attempt.log:
            self.attempt.log.append(line)

    # ---- what loaders say

    def _loader(self, line: Event) -> None:
        said = loader.parse(line.data.decode("utf-8", "replace"))
        if said is None:
            self._text(line._replace(kind=Kind.TEXT))
            return
        if said.weak and said.role is not Role.POST:
            self.groups.append([line])  # "Error: R3 !read_ok"
        self.is_about_bpf = self.is_about_bpf or not said.weak
        if said.role is Role.NOISE:
            if said.text.rstrip() not in ("libbpf:", ""):  # 5.10's libbpf prints it in front of the log
                self._close()
            return
        self._end_group()
        if said.role is Role.OMITTED and self.attempt.open and self.attempt.interrupted:
            self.attempt.log.append(line._replace(kind=Kind.ELLIPSIS))  # the log goes on behind it
        elif said.role is not Role.BEGIN:
            self._close()
        self._hear(said, line)

    def _hear(self, said: LoaderLine, line: Event) -> None:
        attempt = self.attempt
        match said.role:
            case Role.BEGIN:
                if attempt.walked or attempt.about_other(said.program) or attempt.finished:
                    self._flush()
                self._know(said)
                self.attempt.loaded = said.loads is True
                self.attempt.failed = self.attempt.failed or said.loads is False
                self.attempt.open = self.attempt.framed = True
            case Role.FAILED:
                if attempt.touched or attempt.finished:
                    self._flush()
                self._fail(said, line)
                self.attempt.open = said.log_follows
            case Role.POST:
                self._after(said, line)
            case Role.ERROR | Role.WARNING | Role.HINT | Role.SUMMARY | Role.CLOSING:
                if attempt.finished and said.role is not Role.CLOSING:
                    self._flush()
                self._file(said, line)
            case Role.OPTIONAL:
                attempt.optional = True
                self._flush()
            case Role.OMITTED:
                attempt.omitted = True
            case Role.TYPE:
                attempt.program_type = said.program_type

    def _fail(self, said: LoaderLine, line: Event) -> None:
        self._know(said)
        self.attempt.failed = True
        self.attempt.failures.append((said, line))
        if said.is_hint:
            self.attempt.hints.append((said, line))

    def _know(self, said: LoaderLine) -> None:
        attempt = self.attempt
        attempt.program = said.program or attempt.program
        if said.errno is not None and attempt.errno is None:
            attempt.errno = said.errno

    def _after(self, said: LoaderLine, line: Event) -> None:
        """Words that follow a log, or stand in the place of one."""
        if self.attempt.about_other(said.program) or self.attempt.finished:
            self._flush()
        if said.weak and not self.attempt.touched:
            return  # "No such file or directory (os error 2)" of any program
        self._fail(said, line)

    def _file(self, said: LoaderLine, line: Event) -> None:
        attempt = self.attempt
        into = {
            Role.ERROR: attempt.errors,
            Role.WARNING: attempt.warnings,
            Role.HINT: attempt.hints,
            Role.SUMMARY: attempt.summaries,
            Role.CLOSING: attempt.summaries,
        }[said.role]
        into.append((said, line))
        if said.role is Role.ERROR and attempt.program is None:
            attempt.program = said.program
        if said.role is Role.SUMMARY and attempt.errno is None:
            attempt.errno = said.errno
        attempt.finished = attempt.finished or said.role is Role.CLOSING

    # ---- compilers

    def _feeds_compiler(self, line: Event) -> bool:
        """Excerpts, carets and backtraces belong to the compiler until somebody else speaks."""
        ends = line.kind in LOG or line.kind in (Kind.GAP, Kind.BREAK)
        if line.kind is Kind.LOADER:
            said = loader.parse(line.text)
            ends = said is not None and said.role is not Role.NOISE
        if ends:
            self._end_compiler()
        else:
            self.compiler.append(line)
        return not ends

    def _end_compiler(self) -> None:
        if not self.compiler:
            return
        from bpfdoctor.transcript import compiler  # most texts have no compiler in them

        for blocks in compiler.read(self.compiler):
            if all(some.severity == "warning" for some in blocks):
                self.warnings += blocks
            else:
                self._flush()
                self.found.append(Transcript(raw=self.raw, text=self.text, blocks=blocks))
        self.compiler = []

    # ---- putting together

    def _begin(self) -> None:
        attempt = self.attempt
        if attempt.walked or attempt.finished:
            self._flush()
        self.attempt.open = True

    def _close(self) -> None:
        self.attempt.open = self.attempt.in_report = False

    def _end_group(self) -> None:
        if self.loose:
            self.groups.append(self.loose)
            self.loose = []

    def _flush(self) -> None:
        attempt, self.attempt = self.attempt, Attempt()
        made = attempt.transcript(self.raw, self.text, self.known, self.is_about_bpf)
        if made is None:
            return
        self.unseen = self.unseen or attempt.unseen
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
            found = repeats.folded(found + self._lonely(), self.text)
        if not any(part.blocks for part in found) and self.raw.stage is not Stage.PASTE:
            found = self._last_resort(found)
        if len(found) > _MOST_PARTS:
            found = self._fewer(found)
        return found or [Transcript(raw=self.raw, text=self.text)]

    def _fewer(self, found: list[Transcript]) -> list[Transcript]:
        """The first of very many, those that were refused before those that load; the others are counted."""
        by_need = sorted(range(len(found)), key=lambda at: (not found[at].blocks, at))
        kept = [found[at] for at in sorted(by_need[:_MOST_PARTS])]
        rest = [found[at] for at in by_need[_MOST_PARTS:]]
        fine = sum(part.programs for part in rest if part.succeeded and not part.blocks)
        more = Transcript(raw=self.raw, text=self.text, succeeded=True, programs=fine)
        kept += [more] if fine else []
        if len(rest) > fine:  # refused, or cut off
            said = f"{len(rest) - fine} more programs of this text are not explained"
            kept.append(Transcript(raw=self.raw, text=self.text, incomplete=said))
        return kept

    def _lonely(self) -> list[Transcript]:
        """Messages in a text without a log: what is left when somebody quotes only the error."""
        found: list[Transcript] = []
        asked = Asked(self.known)
        for group in reversed(self.groups):
            said = [(line, *heard) for line in reversed(group) if (heard := asked.hear(line.data))]
            said.reverse()
            if said:
                first, last = said[0][0], said[-1][0]
                lines = tuple(text for _, text, _ in said[:_MOST_LINES])
                block = ErrorBlock(lines=lines, stage=said[0][2], start=first.start, end=last.end)
                found.append(Transcript(raw=self.raw, text=self.text, blocks=(block,)))
        if asked.unasked:
            found.insert(0, Transcript(raw=self.raw, text=self.text, incomplete=asked.passed_over()))
        return found[::-1]

    def _last_resort(self, found: Sequence[Transcript]) -> list[Transcript]:
        """A failure that was captured must not end in silence: the last line is better than none."""
        if self.raw.verdict not in (Verdict.NOT_COMPILED, Verdict.NOT_LOADED):
            return list(found)
        last = next((line for group in reversed(self.groups) for line in reversed(group)), None)
        block = ErrorBlock(
            lines=(last.text,) if last else (),
            stage=self.raw.stage,
            start=last.start if last else 0,
            end=last.end if last else 0,
            errno=self.raw.errno,
        )
        kept = found[-1] if found else Transcript(raw=self.raw, text=self.text)
        return [*found[:-1], replace(kept, blocks=(block,), succeeded=False)]
