"""Where a BCC tool attaches a program: what its calls say, for each of them a hook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bpfdoctor.model.attach import Attach
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.preflight import Hook, HookKind
from bpfdoctor.model.report import RawReport
from bpfdoctor.preflight.sections import of_name
from bpfdoctor.preflight.usdt_source import parameters, reads
from bpfdoctor.source import Source

_KINDS = {
    "attach_kprobe": HookKind.KPROBE,
    "attach_kretprobe": HookKind.KRETPROBE,
    "attach_uprobe": HookKind.UPROBE,
    "attach_uretprobe": HookKind.URETPROBE,
    "enable_probe": HookKind.USDT,
    "enable_probe_or_bail": HookKind.USDT,
    "attach_tracepoint": HookKind.TRACEPOINT,
    "attach_raw_tracepoint": HookKind.RAW_TRACEPOINT,
    "attach_perf_event": HookKind.PERF_EVENT,
    "attach_perf_event_raw": HookKind.PERF_EVENT,
    "attach_xdp": HookKind.XDP,
    "attach_raw_socket": HookKind.SOCKET,
    "attach_func": HookKind.OTHER,
}
_PREFIX = {"attach_kfunc": "kfunc__", "attach_kretfunc": "kretfunc__", "attach_lsm": "lsm__"}
# The parameters that say where, without those that say which program.
_WHERE = (
    *("event", "event_re", "event_off", "tp", "tp_re", "name", "sym", "sym_re", "addr", "sym_off"),
    *("probe", "path", "pid", "ev_type", "ev_config", "dev"),
)


def hooks_of(raw: RawReport, calls: Sequence[Attach], source: Source) -> list[Hook]:
    """The hooks of the program of a report, in the order of a tool's calls."""
    program = raw.program.name if raw.program is not None else None
    found = [each for each in calls if program is not None and each.function == program]
    return [hook for each in found if (hook := hook_of(each, raw, source)) is not None]


def hook_of(call: Attach, raw: RawReport, source: Source) -> Hook | None:
    """What one call says."""
    program = call.function or ""
    options: dict[str, Any] = {"loader": "bcc"}
    if call.only_if:
        options["only_if"] = call.only_if
    not_known = [f"`{reason}`" for name, reason in call.unknown.items() if name in _WHERE]
    if not_known:
        options["unknown"] = " and ".join(dict.fromkeys(not_known))
    if call.method in _PREFIX:
        prefix = _PREFIX[call.method]
        named = of_name(program if program.startswith(prefix) else prefix + program)
        if named is None:
            return None
        kind, target = named.kind, named.target
    else:
        kind = _KINDS[call.method]
        target = _target(call, kind, options)
    if kind is HookKind.USDT:
        options |= dict(_of_usdt(program, source, raw))
    return Hook(program, kind, target, location=_place(call, raw, source), options=options)


def _target(call: Attach, kind: HookKind, options: dict[str, Any]) -> str:
    """The name of the place; what else is said of it goes into `options`."""
    given = {name: value for name, value in call.values.items() if name in _WHERE and value is not None}
    match kind:
        case HookKind.KPROBE | HookKind.KRETPROBE:
            _take(options, given, pattern="event_re", offset="event_off")
            return str(given.get("event", ""))
        case HookKind.TRACEPOINT:
            _take(options, given, pattern="tp_re")
            return str(given.get("tp", ""))
        case HookKind.RAW_TRACEPOINT:
            return str(given.get("tp", ""))
        case HookKind.UPROBE | HookKind.URETPROBE:
            _take(
                options, given, file="name", symbol="sym", pattern="sym_re", address="addr", offset="sym_off"
            )
            _take(options, given, pid="pid")
            address = given.get("addr")
            where = given.get("sym") or (f"{address:#x}" if isinstance(address, int) else "")
            return f"{given.get('name', '')}:{where}"
        case HookKind.USDT:
            _take(options, given, file="path", pid="pid")
            provider, _, probe = str(given.get("probe", "")).rpartition(":")
            options |= {"provider": provider, "probe": probe}
            where = given.get("path") or f"process {given.get('pid')}"
            return f"{where}:{given.get('probe', '')}"
        case _:
            options |= {name: value for name, value in given.items() if name != "dev"}
            return str(given.get("dev", ""))


def _take(options: dict[str, Any], given: dict[str, Any], **names: str) -> None:
    """What is given, under our names; 0, -1 and "" are what BCC takes for nothing."""
    for ours, its in names.items():
        value = given.get(its)
        if isinstance(value, str) and ours == "pid" and value.isdigit():
            value = int(value)
        if value not in (None, "", 0, -1):
            options[ours] = value


def _of_usdt(program: str, source: Source, raw: RawReport) -> Iterator[tuple[str, Any]]:
    """What the program does with the probe's arguments."""
    for file in raw.files:
        c = source.c(file.path)
        function = c.function(program) if c is not None else None
        if c is not None and function is not None:
            yield "reads", reads(c, function, file.path)
            if (first := parameters(c, function, file.path)) is not None:
                yield "parameters", first
            return


def _place(call: Attach, raw: RawReport, source: Source) -> Place:
    """The call, in the tool."""
    text = source.text(raw.source)
    lines = text.split("\n") if text is not None else []
    line = lines[call.line - 1] if 0 < call.line <= len(lines) else None
    if line is None:
        return Place(raw.source, call.line)
    start = call.column or len(line) - len(line.lstrip())  # of a run only the line is known
    return Place(raw.source, call.line, start + 1, (call.end_column or len(line)) + 1, None, line)
