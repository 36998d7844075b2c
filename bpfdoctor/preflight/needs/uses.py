"""What an object uses of a kernel, and which of its instructions do."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache

from bpfdoctor.kernel import features, helpers, kfuncs, sections, types
from bpfdoctor.kernel.features import Feature
from bpfdoctor.kernel.instructions import CALL, CLASS, JMP, JMP32, LD_IMM64, LDX, PSEUDO_KFUNC, ST, STX
from bpfdoctor.model.record import dataclass
from bpfdoctor.preflight.needs import core
from bpfdoctor.preflight.needs.code import Code, Coded
from bpfdoctor.preflight.needs.view import Has, KernelView
from bpfdoctor.source.layout import Block

_MMAPABLE = 1 << 10  # BPF_F_MMAPABLE
_TAIL_CALL = "bpf_tail_call"
_WITH_TYPES = ("tracing", "lsm", "ext", "struct_ops")


class Kind(StrEnum):
    PROGRAM_TYPE = "program type"
    ATTACH_TYPE = "attach type"
    MAP_TYPE = "map type"
    HELPER = "helper"
    KFUNC = "kfunc"
    KERNEL_TYPE = "kernel type"
    VARIABLE = "kernel variable"
    SETTING = "kernel setting"
    FEATURE = "feature"


@dataclass(frozen=True, slots=True)
class Use:
    """One thing that a kernel must have. `since` is "" where no version says it: fields of structures."""

    kind: Kind
    name: str
    since: str = ""
    backported: str = ""  # as kernel.features has it


def of_programs(code: Code, program: Block) -> Iterator[Use]:
    """What a program is, whatever its instructions are."""
    meant = sections.meaning(program.section)
    if meant is None:
        return
    kind, attach, says = meant
    known = types.programs().get(kind)
    yield Use(Kind.PROGRAM_TYPE, kind, known.since if known else "")
    if attach:
        yield Use(Kind.ATTACH_TYPE, attach.lower(), features.ATTACH_TYPES.get(attach, ""))
    if "s" in says:
        yield _feature(features.SLEEPABLE)
    if kind in _WITH_TYPES:
        yield _feature(features.KERNEL_TYPES)
    insns = sum(block.count for _, block in code.layout.linked(program))
    if insns > features.OLD_INSNS:
        yield _feature(features.LONG_PROGRAMS)


def of_maps(code: Code) -> Iterator[tuple[str, Use]]:
    """(map, what it needs)."""
    for name, each in (code.btf.maps if code.btf else {}).items():
        known = types.maps().get(each.type) if each.type is not None else None
        if known is not None:
            yield name, Use(Kind.MAP_TYPE, known.name, known.since)
        if each.flags is not None and each.flags & _MMAPABLE:
            yield name, _feature(features.MMAPABLE)


def of_instruction(code: Code, insn: Coded) -> Iterator[Use]:
    """What one instruction needs, as far as no test of it is what needs it."""
    yield from without_types(code, insn)
    if insn.relocation is not None and not insn.relocation.asks.is_guard and code.btf is not None:
        yield Use(Kind.KERNEL_TYPE, core.spoken(code.btf, insn.relocation))


def without_types(code: Code, insn: Coded) -> Iterator[Use]:
    """The same without the kernel's types, whose names take most of the time."""
    for feature in features.of_instruction(insn.opcode, insn.off, insn.imm):
        yield _feature(feature)
    if insn.opcode == CALL:
        yield from _of_call(code, insn)
    elif insn.opcode == LD_IMM64:
        yield from _of_address(code, insn)
    elif insn.opcode & CLASS in (JMP, JMP32) and insn.off < 0:
        yield _feature(features.LOOPS)


def is_asked_first(use: Use, code: Code, insn: Coded) -> bool:
    """Whether a kernel refuses the program without it before it looks which instructions run.

    Opcodes, loops and the program's own functions are looked at first (resolve_pseudo_ldimm64() and
    check_cfg(), kernel/bpf/verifier.c); helpers, kfuncs and fields where they are used.
    """
    return use.kind is Kind.FEATURE or is_the_loaders(code, insn)


def is_the_loaders(code: Code, insn: Coded) -> bool:
    """Whether a loader wants it before it loads any program: an extern of the kernel's that is not weak."""
    symbol = insn.symbol
    return (
        symbol is not None
        and symbol.section is None
        and symbol.name not in code.weak
        and symbol.name in code.externs
    )


def of_settings(code: Code) -> Iterator[tuple[str, Use]]:
    """The kernel's settings that a loader must find: `extern bool CONFIG_X __kconfig`, if not weak."""
    for name, section in code.externs.items():
        if section == ".kconfig" and name.startswith("CONFIG_") and name not in code.weak:
            yield name, Use(Kind.SETTING, name)


def _of_call(code: Code, insn: Coded) -> Iterator[Use]:
    if insn.symbol is not None and insn.symbol.section is None:
        yield _kfunc(insn.symbol.name)
    elif insn.src == 0 and insn.symbol is None:
        helper = helpers.by_id().get(insn.imm)
        yield Use(Kind.HELPER, helper.name if helper else f"#{insn.imm}", helper.since if helper else "")
    elif insn.src != PSEUDO_KFUNC:
        yield _feature(features.FUNCTION_CALLS)


def _of_address(code: Code, insn: Coded) -> Iterator[Use]:
    symbol = insn.symbol
    if symbol is None:
        return
    if symbol.section is not None:
        name = code.elf.names[symbol.section]
        if name.startswith((".rodata", ".data", ".bss")):
            yield _feature(features.GLOBALS)
        elif name == ".text":
            yield _feature(features.CALLBACKS)
    elif code.externs.get(symbol.name) == ".kconfig":
        yield _feature(features.GLOBALS)
    elif (
        code.externs.get(symbol.name) == ".ksyms"
        and symbol.name not in code.weak
        and code.is_typed(symbol.name)
    ):
        yield Use(Kind.VARIABLE, symbol.name, features.KERNEL_VARIABLES.since)


@cache
def _feature(feature: Feature) -> Use:
    return Use(Kind.FEATURE, feature.name, feature.since, feature.backported)


@cache
def _kfunc(name: str) -> Use:
    known = kfuncs.every().get(name)
    return Use(Kind.KFUNC, name, known.since if known else "")


def has(use: Use, insn: Coded | None, code: Code, kernel: KernelView) -> Has:
    """Whether a kernel has it. `insn` is one that uses it, where an instruction does."""
    match use.kind:
        case Kind.PROGRAM_TYPE:
            return kernel.constant("bpf_prog_type", f"BPF_PROG_TYPE_{use.name.upper()}", use.since)
        case Kind.ATTACH_TYPE:
            return kernel.constant("bpf_attach_type", f"BPF_{use.name.upper()}", use.since)
        case Kind.MAP_TYPE:
            return kernel.constant("bpf_map_type", f"BPF_MAP_TYPE_{use.name.upper()}", use.since)
        case Kind.HELPER:
            return kernel.constant("bpf_func_id", use.name.replace("bpf_", "BPF_FUNC_", 1), use.since)
        case Kind.KFUNC:
            return kernel.kfunc(use.name)
        case Kind.VARIABLE:
            return kernel.variable(use.name)
        case Kind.SETTING:
            return kernel.has_setting(use.name)
        case Kind.KERNEL_TYPE:
            return _has_type(insn, code, kernel)
    if use.name == features.KERNEL_TYPES.name and kernel.config is not None:
        return Has.YES if kernel.config.get("DEBUG_INFO_BTF") == "y" else Has.NO
    return kernel.since(use.since, use.backported)


def _has_type(insn: Coded | None, code: Code, kernel: KernelView) -> Has:
    if insn is None or insn.relocation is None or code.btf is None or kernel.types is None:
        return Has.UNKNOWN
    found = core.answer(
        code.btf, insn.relocation, kernel.types, in_memory=insn.opcode & CLASS in (LDX, ST, STX)
    )
    return Has.UNKNOWN if found is None else Has.YES if found else Has.NO
