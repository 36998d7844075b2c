"""What `check` says of a program that this kernel took, one line for each: it will not fire here, or its text
asks for the wrong number, argument or byte order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bpfdoctor.model.attach import Attach
from bpfdoctor.model.diagnosis import Diagnosis, Report, Severity
from bpfdoctor.model.preflight import Cause, Hook
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, Verdict
from bpfdoctor.pattern import later
from bpfdoctor.preflight import checks
from bpfdoctor.preflight.hooks import hook_of
from bpfdoctor.preflight.system.host import Host

if TYPE_CHECKING:
    from bpfdoctor.source import Source

# A text without these has nothing that preflight's lints look for, and is not taken apart.
_WORDS = later(
    r"bpf_get_current_(?:pid_tgid|uid_gid)|PT_REGS_|\bBPF_K?(?:RET)?(?:PROBE|SYSCALL)|\bBPF_(?:KPROBE_SYSCALL|U(?:RET)?PROBE"
    r"|PROG2?|USDT)\b|hton|bswap|_port\b|h_proto|protocol|\bskc_|\binet_|[ds]addr|->(?:prev_|next_)?pid\b|\bE[A-Z]{3,}\b"
)
_OF_MACHINE = "pid-of-namespace"  # says nothing of the text


class Beside:
    """Looks at the programs of one file. Most will fire, and then no rule is read and no text taken apart."""

    def __init__(self, path: Path, options: CaptureOptions) -> None:
        self._path, self._options, self._host = path, options, Host()

    def warned(self, raw: RawReport, reports: list[Report]) -> list[Report]:
        """The reports of `raw`, with a warning for each cause that keeps the program from firing."""
        if raw.verdict is not Verdict.LOADS or len(reports) != 1 or self._options.prog_type:
            return reports
        text = _Text(raw, self._host)
        if raw.flavour is not Flavour.PYTHON:
            hook = hook_of(raw)
            if hook is None or not (
                self._may_fail(hook) or self._is_held_back(hook, raw) or text.tells(hook)
            ):
                return reports
        return [self._with_causes(raw, reports[0], text)]

    def _may_fail(self, hook: Hook) -> bool:
        return any(isinstance(found, Cause) for found in checks.look(hook, self._host))

    @staticmethod
    def _is_held_back(hook: Hook, raw: RawReport) -> bool:
        if not raw.object or b".rodata" not in raw.object:
            return False
        from bpfdoctor.preflight import folded

        return folded.held_back(hook, raw) is not None

    @cached_property
    def _calls(self) -> Sequence[Attach]:
        from bpfdoctor import capture

        return capture.attaches(self._path, self._options)

    def _with_causes(self, raw: RawReport, report: Report, text: _Text) -> Report:
        from bpfdoctor import catalogue
        from bpfdoctor.preflight import folded, run
        from bpfdoctor.preflight.flight import flight_of
        from bpfdoctor.preflight.wants import wants_of

        rules, source = catalogue.load(), text.source
        calls = self._calls if raw.flavour is Flavour.PYTHON else ()
        found: list[Diagnosis] = []
        told = set()
        for hook in run.hooks_of(raw, calls, source):
            shown = (*text.shown(hook), *folded.look(hook, raw, source))
            of_text = {each.rule for each in shown} - {_OF_MACHINE}
            flight = flight_of(replace(hook, wants=wants_of(raw, hook)), self._host, rules, shown, loads=True)
            for each in run.causes_of(flight, raw, source, rules):
                if each.rule in of_text and (each.rule, each.location) not in told:
                    told.add((each.rule, each.location))
                    found.append(_brief(hook, each, "loads, and "))
                elif each.rule not in of_text and each.severity is Severity.ERROR:
                    found.append(replace(_brief(hook, each, "will not fire here: "), of_hook=True))
        files = [each.location.file for each in found if each.location]
        texts = {file: whole for file in files if (whole := source.text(file)) is not None}
        return replace(report, diagnoses=(*report.diagnoses, *found), sources={**texts, **report.sources})


class _Text:
    """What the text of a program shows, looked at once for a hook."""

    def __init__(self, raw: RawReport, host: Host) -> None:
        self._raw, self._host = raw, host
        self._found: list[tuple[Hook, tuple[Cause, ...]]] = []

    @cached_property
    def source(self) -> Source:
        from bpfdoctor.model.transcript import Transcript
        from bpfdoctor.source import Source

        return Source(self._raw, Transcript(raw=self._raw, text=b""))

    def tells(self, hook: Hook) -> bool:
        """Whether something is found that is said of the text."""
        if not any(_WORDS.search(file.text) for file in self._raw.files):
            return False
        return any(each.rule != _OF_MACHINE for each in self.shown(hook))

    def shown(self, hook: Hook) -> tuple[Cause, ...]:
        """What is found; no lint goes by the place of the hook itself."""
        from bpfdoctor.preflight import lints

        hook = replace(hook, location=None)
        known = next((found for each, found in self._found if each == hook), None)
        if known is None:
            known = tuple(lints.look(hook, self._raw, self.source, self._host))
            self._found.append((hook, known))
        return known


def _brief(hook: Hook, cause: Diagnosis, what: str) -> Diagnosis:
    """The program loads: what keeps it from firing is only warned of, on one line."""
    where = f"{hook.kind} {hook.target}" if hook.target else str(hook.kind)
    said = f"{hook.program} ({where}) {what}{cause.headline}"
    return replace(cause, severity=Severity.WARNING, headline=said, brief=True)
