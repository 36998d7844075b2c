"""Where the program of a report is attached; looking that up in the user's text is for those who ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpfdoctor.formats.elf import OBJECT
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.preflight import Hook, HookKind
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import RawReport
from bpfdoctor.preflight.sections import of_name, of_section

if TYPE_CHECKING:
    from bpfdoctor.preflight.usdt_source import Reading
    from bpfdoctor.source import Source

# How a kernel's program types are called where nothing but the type is known (BCC).
_TYPES = {
    "kprobe": HookKind.KPROBE,
    "tracepoint": HookKind.TRACEPOINT,
    "raw_tracepoint": HookKind.RAW_TRACEPOINT,
    "perf_event": HookKind.PERF_EVENT,
    "xdp": HookKind.XDP,
    "sched_cls": HookKind.TC,
    "sched_act": HookKind.TC,
    "socket_filter": HookKind.SOCKET,
    "lsm": HookKind.LSM,
}
# Hooks whose context is a record, or a list of arguments, of their own.
_WITH_RECORD = (HookKind.TRACEPOINT, HookKind.RAW_TRACEPOINT)


def hook_of(raw: RawReport) -> Hook | None:
    """Where the program of a report is attached; None where the report is about no program."""
    program = raw.program
    if program is None or not program.name:
        return None
    if raw.flavour.is_bcc:
        return of_name(program.name) or Hook(program.name, _TYPES.get(program.type or "", HookKind.OTHER))
    hook = of_section(program.name, program.section or "")
    if hook.kind is HookKind.STRUCT_OPS and raw.object:
        return replace(hook, options={**hook.options, **_filled(raw.object, program.name)})
    if hook.kind in _WITH_RECORD and raw.object:
        from bpfdoctor.preflight import context_reads

        return replace(hook, reads=context_reads.reads_of(raw.object, program.name))
    return hook


def placed(hook: Hook, raw: RawReport, source: Source) -> Hook:
    """The hook of a report with where the user's text has it."""
    reads = tuple(replace(each, place=source.place_at(each.insn)) for each in hook.reads)
    found = replace(hook, location=_place(source, raw, hook.program, hook.section), reads=reads)
    if hook.kind is HookKind.USDT and (listed := _listed(raw, source, hook.program)):
        return replace(found, options={**hook.options, "reads": listed})
    return found


def _listed(raw: RawReport, source: Source, program: str) -> tuple[Reading, ...]:
    """The arguments of a USDT probe that the user's text names."""
    from bpfdoctor.preflight.usdt_source import listed

    for file in raw.files:
        c = source.c(file.path)
        function = c.function(program) if c is not None else None
        if c is not None and function is not None:
            return listed(c, function, file.path)
    return ()


def _filled(data: bytes, program: str) -> dict[str, str]:
    """The structure of functions that a program is put into, where the object has only one kind of them."""
    from bpfdoctor.preflight.needs.code import code_of

    code, found = code_of(data), set[str]()
    if code is None or code.btf is None:
        return {}
    elf, btf = code.elf, code.btf
    for index, name in enumerate(elf.names):
        if name.startswith(".struct_ops"):
            variables = [each.name for each in elf.symbols if each.section == index and each.kind == OBJECT]
            ids = [btf.variables[each] for each in variables if each in btf.variables]
            found |= {btf.name(btf.resolve(id)).removeprefix("struct ") for id in ids}
    return {"structure": found.pop()} if len(found) == 1 else {}


def _place(source: Source, raw: RawReport, program: str, section: str | None) -> Place | None:
    """Where the user's text names the section or, for BCC, the function."""
    for file in raw.files:
        c = source.c(file.path)
        function = c.function(program) if c is not None else None
        if c is None or function is None:
            continue
        wanted = f'"{section}"' if section else program
        for line in range(function.body.line, max(function.body.line - _ABOVE, 0), -1):
            if (at := c.line(line).find(wanted)) >= 0:
                return Place(file.path, line, at + 1, at + 1 + len(wanted), program, c.line(line))
        return Place(file.path, function.start, None, None, program, c.line(function.start))
    return None if raw.flavour.is_bcc else source.place_at(0)  # an object's own lines


_ABOVE = 12  # lines above a function's body in which its section is looked for
