"""What loading a program takes, read from its object; for BCC from its text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.formats.elf import FUNC, OBJECT, Elf
from bpfdoctor.kernel import features, sections, types
from bpfdoctor.model.preflight import Hook, HookKind, Wants
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Flavour, RawReport
from bpfdoctor.preflight import loader_text
from bpfdoctor.preflight.needs import uses
from bpfdoctor.preflight.needs.code import Code, Coded, code_of
from bpfdoctor.preflight.needs.uses import Kind, Use

# BCC's types, where only the hook is known: what attach_… makes of a function.
_OF_KINDS = {
    **dict.fromkeys(
        (HookKind.KPROBE, HookKind.KRETPROBE, HookKind.UPROBE, HookKind.URETPROBE, HookKind.USDT), "kprobe"
    ),
    HookKind.TRACEPOINT: "tracepoint",
    HookKind.RAW_TRACEPOINT: "raw_tracepoint",
    HookKind.PERF_EVENT: "perf_event",
    HookKind.FENTRY: "tracing",
    HookKind.FEXIT: "tracing",
    HookKind.FMOD_RET: "tracing",
    HookKind.LSM: "lsm",
    HookKind.XDP: "xdp",
    HookKind.SOCKET: "socket_filter",
}
_RESOLVES = re.compile(r"\.(ksym|ksymname|sym)\(")
_HELPER = re.compile(r"\b(bpf_probe_\w+|bpf_trace_printk)\s*\(")


def wants_of(raw: RawReport, hook: Hook) -> Wants:
    """What loading the program of a hook takes."""
    if raw.flavour.is_bcc:
        return _of_text(raw, hook)
    return replace(_of_object(raw, hook), chooses=loader_text.chooses(hook, raw.source))


def _of_object(raw: RawReport, hook: Hook) -> Wants:
    code = code_of(raw.object) if raw.object else None
    program = code.layout.program(hook.program) if code is not None else None
    meant = sections.meaning(hook.section or "")
    kind = meant[0] if meant else ""
    if code is None or program is None:
        return Wants(kind)
    insns = [insn for _, block in code.layout.linked(program) for insn in code.insns(block)]
    used = {use for insn in insns for use in uses.without_types(code, insn)}
    maps = code.btf.maps if code.btf is not None else {}
    return Wants(
        kind,
        frozenset(use.name for use in used if use.kind is Kind.HELPER),
        _needs_jit(used),
        any(insn.relocation is not None for insn in insns),
        tuple((name, each.type) for name, each in maps.items() if each.type is not None),
        sum(_bytes(each.key_size, each.value_size, each.max_entries) for each in maps.values()),
        tuple(name for name, each in maps.items() if each.pinned),
        tuple(dict.fromkeys(_untyped(code, insns))),
        called_from=_called_from(code.elf, hook.program),
    )


def _called_from(elf: Elf, program: str) -> str:
    """The map of programs that lists it in its declaration (`.values = { [0] = &name }`); "" without one."""
    section = elf.index(".maps")
    for each in elf.relocations(section) if section is not None else ():
        if each.symbol.kind == FUNC and each.symbol.name == program:
            declared = (one for one in elf.symbols if one.section == section and one.kind == OBJECT)
            return next(
                (one.name for one in declared if one.value <= each.offset < one.value + one.size), "a map"
            )
    return ""


def _needs_jit(used: set[Use]) -> str:
    """What an interpreter cannot do: kernel functions and callbacks are machine code."""
    if any(use.kind is Kind.KFUNC for use in used):
        return "calls of kernel functions"
    names = {use.name for use in used if use.kind is Kind.FEATURE}
    if features.CALLBACKS.name in names:
        return features.CALLBACKS.name
    return features.TAIL_CALLS_IN_FUNCTIONS.name if features.TAIL_CALLS_IN_FUNCTIONS.name in names else ""


def _bytes(key: int | None, value: int | None, entries: int | None) -> int:
    """What a map takes at the least; a ring buffer has no keys and values, its entries are bytes."""
    return (entries or 0) * ((key or 0) + (value or 0) or 1)


def _untyped(code: Code, insns: list[Coded]) -> Iterator[str]:
    """Kernel variables whose address libbpf looks up in /proc/kallsyms."""
    for insn in insns:
        name = insn.symbol.name if insn.symbol is not None and insn.symbol.section is None else ""
        if code.externs.get(name) == ".ksyms" and insn.opcode == 0x18 and not code.is_typed(name):
            yield name


def _of_text(raw: RawReport, hook: Hook) -> Wants:
    """A BCC program: its object is BCC's own affair."""
    tool = next((each.text for each in raw.files if each.path == raw.source), "")
    helpers = {name for each in raw.files for name in _HELPER.findall(each.text)}
    calls = dict.fromkeys(f"{name}()" for name in _RESOLVES.findall(tool) if raw.flavour is Flavour.PYTHON)
    known = raw.program.type if raw.program is not None else None
    kind = known if known in types.programs() else _OF_KINDS.get(hook.kind, "")
    return Wants(kind, frozenset(helpers), addresses=tuple(calls), compiled_here=True)
