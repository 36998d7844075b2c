"""One attempt to load one program: the log, what the loader said around it, and the Transcript they make."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bpfdoctor.log import block
from bpfdoctor.log.events import Event
from bpfdoctor.log.kinds import Kind
from bpfdoctor.log.messages import Known
from bpfdoctor.log.shape import Log
from bpfdoctor.log.wrappers import failure
from bpfdoctor.log.wrappers.loader import LoaderLine, LoaderRole
from bpfdoctor.model.failure import Failure, Step
from bpfdoctor.model.record import dataclass, field, replace
from bpfdoctor.model.report import Buffer, RawReport, Stage, Verdict
from bpfdoctor.model.transcript import ErrorBlock, Level, Transcript, Truncated
from bpfdoctor.parser import Token
from bpfdoctor.pattern import later

Said = tuple[LoaderLine, Event]
_NOTHING = (Kind.BLANK, Kind.ELLIPSIS)
_MOST_ERRORS = 1000  # of a loader about one object: the first ones are told
_NO_MAP = later(rb"\(18\) r\d = 0x0\b(?! ll\S)")
_NO_BTF = b"btf_vmlinux is malformed"
_BPF = later(r"bpf|\bbtf\b|verifier|\bxdp\b|super-user privileges", re.IGNORECASE)


@dataclass(slots=True)
class LoadAttempt:
    """What belongs together, in the order of the text; `log` may be empty."""

    program: str | None = None
    program_type: str | None = None
    errno: int | None = None
    failed: bool = False  # a loader says so
    loaded: bool = False  # veristat says so
    optional: bool = False  # the loader goes on without it: BTF on a kernel that does not need it
    omitted: bool = False
    taken_apart: bool = True  # what loaders say; of very many programs nobody reads it
    unseen: bool = False  # more of a large text has to be looked at
    left_out: int = 0  # complaints of the loader, beyond as many as anybody reads
    log: Log = field(default_factory=Log)
    errors: list[Said] = field(default_factory=list)
    warnings: list[Said] = field(default_factory=list)
    hints: list[Said] = field(default_factory=list)
    summaries: list[Said] = field(default_factory=list)
    failures: list[Said] = field(default_factory=list)  # the lines that say so
    compiled: tuple[ErrorBlock, ...] = ()  # what a compiler warned of

    @property
    def walked(self) -> bool:
        """Whether there is anything in the log."""
        return any(line.kind not in _NOTHING for line in self.log.lines)

    @property
    def summed_up(self) -> bool:
        return any(line.kind is Kind.STATS and line.data.startswith(b"processed ") for line in self.log.lines)

    @classmethod
    def of(cls, parts: Iterable[Log | Token]) -> LoadAttempt:
        """The attempt that has these parts, as grammars/log.lark puts them together."""
        attempt = cls()
        for part in parts:
            attempt._take(part)
        return attempt

    def _take(self, part: Log | Token) -> None:
        if isinstance(part, Log):
            self.log, self.omitted = part, self.omitted or part.cut
        elif part.type == "NUMBER":
            self.errno = part.value if self.errno is None else self.errno
        elif part.type == "WARNED":
            self.compiled += part.value
        else:
            self._hear(*part.value)

    def _hear(self, said: LoaderLine, line: Event) -> None:
        match said.role:
            case LoaderRole.BEGIN:
                self._know(said)
                self.loaded, self.failed = said.loads is True, self.failed or said.loads is False
                if said.errno is not None:  # gobpf and aya say with which error, and the log follows
                    self.failures.append((said, line))
            case LoaderRole.FAILED | LoaderRole.POST:
                self._know(said)
                self.failed = True
                self.failures.append((said, line))
                if said.is_hint:
                    self.hints.append((said, line))
            case LoaderRole.ERROR:
                self.errors.append((said, line))
                self.program = self.program or said.program
            case LoaderRole.WARNING:
                self.warnings.append((said, line))
            case LoaderRole.HINT:
                self.hints.append((said, line))
            case LoaderRole.SUMMARY | LoaderRole.CLOSING:
                self.summaries.append((said, line))
                if said.role is LoaderRole.SUMMARY and self.errno is None:
                    self.errno = said.errno
            case LoaderRole.OPTIONAL:
                self.optional = True
            case LoaderRole.OMITTED:
                self.omitted = True
            case LoaderRole.TYPE:
                self.program_type = said.program_type

    def _know(self, said: LoaderLine) -> None:
        self.program = said.program or self.program
        self.errno = said.errno if self.errno is None else self.errno

    def transcript(
        self, raw: RawReport, text: Buffer, known: Known | None, is_about_bpf: bool = True
    ) -> Transcript | None:
        """None when there is nothing in it that anybody would want to read."""
        if not is_about_bpf:
            self.errors = [pair for pair in self.errors if _mentions_bpf(pair[0].text, known)]
        refused = self.failed or raw.verdict is Verdict.REFUSED or (self.errno is not None and self.walked)
        refused = refused or block.stopped_at_once(self.log.lines)
        loaded = self.loaded or raw.verdict is Verdict.LOADS
        said = block.spoken(self.log, refused, known, quoted=raw.log is None)
        self.unseen = said.unseen
        verifier = None if loaded else self._verifier_block(raw, said, refused)
        blocks = [verifier] if verifier is not None else []
        blocks += self._loader_blocks(verifier is not None)
        if not blocks and not self.walked:
            return None
        walked = [line for line in self.log.lines if line.kind not in _NOTHING]
        return Transcript(
            raw=raw,
            text=text,
            blocks=tuple(blocks),
            log_start=walked[0].start if walked else 0,
            log_end=walked[-1].end if walked else 0,
            truncated=block.truncated(self.log.lines, said.messages, self.omitted),
            stats=block.counted(self.log.lines),
            program=self.program or (raw.program.name if raw.program else None),
            program_type=self.program_type or (raw.program.type if raw.program else None),
            succeeded=(loaded or self.summed_up) and all(some.severity is not Level.ERROR for some in blocks),
            loaded="the loader's verdict is success" if self.loaded else "",
        )

    def _verifier_block(self, raw: RawReport, said: block.Spoken, refused: bool) -> ErrorBlock | None:
        if not said.messages and not said.reports and not (refused and self._nothing_better(raw)):
            return None
        return ErrorBlock(
            lines=tuple(line.text for line in said.messages),
            stage=Stage.VERIFIER,
            start=said.start,
            end=said.end,
            insn=said.insn,
            detached=said.detached,
            reports=said.reports,
            errno=self.errno,
            severity=Level.WARNING if self.optional else Level.ERROR,
            failure=self._refused()
            if self.failures and not said.messages
            else self._map_left_out(said) or self._without_kernel_btf(said),
        )

    def _refused(self) -> Failure | None:
        """What the loader says of a refusal that the log has no word about."""
        found = self._failure(self.failures[0])
        if found is None:
            return None
        if any(line.data.startswith(b"processed 0 insns") for line in self.log.lines):
            return replace(found, kind=found.kind or "before-walk")
        is_cut = block.truncated(self.log.lines, (), self.omitted) is Truncated.TAIL
        return replace(found, kind="log-cut") if is_cut and found.step is Step.LOAD else found

    def _map_left_out(self, said: block.Spoken) -> Failure | None:
        """iproute2's own loader puts no map where a program uses one that it does not know: `r1 = 0x0`."""
        if not any(line.data.startswith(b"Prog section '") for _, line in self.failures):
            return None
        message = next((line.text for line in said.messages if "expected=map_ptr" in line.text), None)
        if message is None or not any(_NO_MAP.search(line.data) for line in self.log.lines):
            return None
        return Failure(message, "iproute2", Step.MAP, "maps", program=self.program or "")

    def _without_kernel_btf(self, said: block.Spoken) -> Failure | None:
        """What the verifier cannot look up, because the kernel's own types are not to be read."""
        remark = next((line for line in self.log.lines if line.data.startswith(_NO_BTF)), None)
        looked_up = any(line.data.startswith((b"Arg#", b"arg#")) for line in said.messages)
        return Failure(remark.text, "the verifier", Step.RELOCATE) if remark and looked_up else None

    def _nothing_better(self, raw: RawReport) -> bool:
        """A refusal without a word: the error number is all there is, unless the loader says why."""
        if self.walked or raw.log is not None:
            return True
        return self.errno is not None and all(said.weak for said, _ in self.errors)

    def _loader_blocks(self, refused: bool) -> list[ErrorBlock]:
        """The loader's own errors; after a refusal by the verifier they are side remarks."""
        errors = [
            pair
            for pair in self.errors
            if not (refused and (pair[0].weak or pair[0].text.startswith(_REPEATS)))
        ]
        every = _once(errors)
        self.left_out = max(len(every) - _MOST_ERRORS, 0)
        level = Level.WARNING if refused else Level.ERROR
        blocks = [self._loader_block(pair, level) for pair in every[:_MOST_ERRORS]]
        if not errors and not refused:
            blocks += [self._loader_block(pair, Level.WARNING) for pair in _once(self.warnings)]
            if not blocks and not self.log.lines:
                blocks += [self._loader_block(pair, Level.ERROR) for pair in self.failures + self.summaries]
        return blocks + [self._loader_block(pair, Level.NOTE) for pair in _once(self.hints)]

    def _loader_block(self, pair: Said, level: Level) -> ErrorBlock:
        said, line = pair
        return ErrorBlock(
            lines=(said.text,),
            stage=Stage.LOADER,
            start=line.start,
            end=line.end,
            errno=said.errno if said.errno is not None else self.errno,
            severity=level,
            failure=self._failure(pair),
        )

    def _failure(self, pair: Said) -> Failure | None:
        """What a loader's line tells of the step that failed, with the program that was spoken of."""
        said, line = pair
        found = failure.read(line.text) if self.taken_apart else None
        if found is None:
            return None
        return replace(
            found,
            program=found.program or said.program or self.program or "",
            errno=found.errno if found.errno is not None else said.errno,
        )


# libbpf after the kernel's own words: "… -EINVAL. BTF is mandatory, can't proceed."
_REPEATS = ("Error loading .BTF into kernel: ",)


def _mentions_bpf(text: str, known: Known | None) -> bool:
    """`Error: no such file or directory` is every program's; `Error: failed to load BPF skeleton` is not."""
    return bool(known and known(text)) or _BPF.search(text) is not None


def _once(pairs: list[Said]) -> list[Said]:
    return list({said.text: (said, line) for said, line in reversed(pairs)}.values())[::-1]
