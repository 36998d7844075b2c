"""Constants whose value in the object keeps a program from doing anything: the verifier drops all the rest.

What is read of `const volatile` data is known to the verifier (its map is frozen before programs are loaded),
so it follows one side of a test of it only. That is how programs are configured, and no fault. It is told
where nothing that is left writes, sends or decides anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import Literal

from bpfdoctor.capture import globals, tested_constants
from bpfdoctor.kernel import helpers
from bpfdoctor.kernel.instructions import CALL, CLASS, FRAME_POINTER, FROM_REGISTER, ST, STX
from bpfdoctor.model.preflight import Cause, Hook, HookKind
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.report import RawReport
from bpfdoctor.preflight.needs.code import Code, Coded, Spot, code_of
from bpfdoctor.preflight.needs.reach import AS_A_LOADER_MAY_SET_IT, AS_IT_IS, Constant, Reached, walked
from bpfdoctor.source import Source
from bpfdoctor.source.layout import Block

RULE = "constant-holds-back"
_RODATA = ".rodata"
_MOST_TRIES = 24  # combinations of values
_MOST_RANGES = 4  # of lines that are named
# What such a program returns is for nobody.
_ONLY_WATCHES = frozenset({
    HookKind.KPROBE, HookKind.KRETPROBE, HookKind.KSYSCALL, HookKind.KRETSYSCALL, HookKind.FENTRY,
    HookKind.FEXIT, HookKind.TRACEPOINT, HookKind.RAW_TRACEPOINT, HookKind.TP_BTF, HookKind.UPROBE,
    HookKind.URETPROBE, HookKind.USDT,
})  # fmt: skip
# Helpers that change nothing which anybody else could see; of every other one it is not assumed.
_READS_ONLY = frozenset(f"bpf_{name}" for name in (
    "map_lookup_elem", "map_lookup_percpu_elem", "map_peek_elem", "get_current_pid_tgid",
    "get_current_uid_gid", "get_current_comm", "get_current_task", "get_current_task_btf",
    "get_current_cgroup_id", "get_current_ancestor_cgroup_id", "current_task_under_cgroup",
    "get_ns_current_pid_tgid", "get_smp_processor_id", "get_numa_node_id", "get_prandom_u32",
    "ktime_get_ns", "ktime_get_boot_ns", "ktime_get_coarse_ns", "ktime_get_tai_ns", "jiffies64",
    "probe_read", "probe_read_str", "probe_read_user", "probe_read_user_str", "probe_read_kernel",
    "probe_read_kernel_str", "copy_from_user", "get_func_ip", "get_func_arg", "get_func_ret",
    "get_func_arg_cnt", "get_attach_cookie", "task_pt_regs", "strncmp", "strtol", "strtoul", "loop",
    "skb_load_bytes", "skb_load_bytes_relative", "xdp_load_bytes", "xdp_get_buff_len", "get_socket_cookie",
    "get_socket_uid", "get_netns_cookie", "sk_fullsock", "tcp_sock", "per_cpu_ptr", "this_cpu_ptr",
))  # fmt: skip


def look(hook: Hook, raw: RawReport, source: Source) -> Iterator[Cause]:
    """One cause, with the constants that hold everything back, and values with which the rest is reached."""
    held = held_back(hook, raw)
    settings = _settings(raw.object or b"", hook, held) if held is not None else ()
    if held is None or not settings:
        return
    values = {
        "constants": tuple(f"{name} = {was}" for name, was, _ in settings),
        "settings": " ".join(f"--set {name}={value}" for name, _, value in settings),
        "name": settings[0][0],
        "value": settings[0][2],
        "dropped": _dropped(held),
    }
    numbers = (_number(held, spot) for spot in held.free.values())
    yield Cause(RULE, values, source.place_at(min(number for number in numbers if number is not None)))


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A program that does nothing: what is `reached` of it, and the constants without which it were more."""

    code: Code
    program: Block
    reached: Reached
    free: Mapping[Constant, Spot]


def held_back(hook: Hook, raw: RawReport) -> HeldBack | None:
    """None where the program does something, or would not whatever its constants are."""
    code = code_of(raw.object) if raw.object and not raw.flavour.is_bcc else None
    if code is None or code.elf.index(_RODATA) is None:
        return None
    program = code.layout.program(hook.program)
    if program is None:
        return None
    if not any(
        _is_constant(code, insn) for _, block in code.layout.linked(program) for insn in code.insns(block)
    ):
        return None
    now = walked(code, program, AS_IT_IS)
    if not now.constants or _does_something(code, program, hook, now):
        return None
    free, seen = dict(now.constants), now
    while not _does_something(code, program, hook, seen):
        seen = _without(code, program, free)
        if seen.constants.keys() <= free.keys():
            break
        free = {**seen.constants, **free}
    for each in sorted(free):
        fewer = {other: spot for other, spot in free.items() if other != each}
        if _does_something(code, program, hook, _without(code, program, fewer)):
            free = fewer
    is_more = _does_something(code, program, hook, _without(code, program, free))
    return HeldBack(code, program, now, free) if is_more else None


def _is_constant(code: Code, insn: Coded) -> bool:
    """Whether it takes the address of a constant."""
    section = insn.symbol.section if insn.symbol is not None else None
    return section is not None and code.elf.names[section].startswith(_RODATA)


def _without(code: Code, program: Block, free: Mapping[Constant, Spot]) -> Reached:
    """What is reached if these constants are not known."""
    places = frozenset((section, start) for section, start, _ in free)
    return walked(code, program, replace(AS_IT_IS, free=places))


def _does_something(code: Code, program: Block, hook: Hook, reached: Reached) -> bool:
    if hook.kind not in _ONLY_WATCHES and (
        len(reached.results) != 1 or not all(isinstance(each, int) for each in reached.results)
    ):
        return True
    insns = (insn for _, block in code.layout.linked(program) for insn in code.insns(block))
    return any(insn.at in reached.spots and _is_seen(code, insn) for insn in insns)


def _is_seen(code: Code, insn: Coded) -> bool:
    """Whether it may be noticed outside: a write that is not to the stack, a call of what may do anything."""
    if insn.opcode & CLASS in (ST, STX):
        return insn.dst != FRAME_POINTER
    if insn.opcode != CALL:
        return insn.opcode == CALL | FROM_REGISTER
    if insn.src or insn.symbol is not None:
        # The object's own function is walked by itself; a kfunc may do anything.
        return insn.symbol is not None and insn.symbol.section is None
    helper = helpers.by_id().get(insn.imm)
    return helper is None or helper.name not in _READS_ONLY


def _settings(data: bytes, hook: Hook, held: HeldBack) -> list[tuple[str, int, int]]:
    """(name, its value, another) of the constants, with which it does something; [] where none is found."""
    others = {each.name: each.values for each in tested_constants.settings(data)}
    elf = held.code.elf
    order: Literal["little", "big"] = "little" if elf.little else "big"
    named = []
    for section, start, size in sorted(held.free):
        name = globals.name_of(elf, held.code.btf, elf.index(section) or 0, start, size)
        if not name or name not in others:
            return []
        was = int.from_bytes(elf.data(section)[start : start + size], order)
        named.append((name, was, others[name]))
    for values in islice(product(*(each for _, _, each in named)), _MOST_TRIES):
        given = [f"{name}={value}" for (name, _, _), value in zip(named, values, strict=True)]
        again = code_of(globals.with_values(data, given, hook.program))
        block = again.layout.program(hook.program) if again is not None else None
        if again is None or block is None:
            return []
        if _does_something(again, block, hook, walked(again, block, AS_IT_IS)):
            return [(name, was, value) for (name, was, _), value in zip(named, values, strict=True)]
    return []


def _number(held: HeldBack, spot: Spot) -> int | None:
    """The number of an instruction in the program as it is loaded."""
    section, insn = spot
    for start, block in held.code.layout.linked(held.program):
        if block.section == section and block.start <= insn < block.start + block.count:
            return start + insn - block.start
    return None


def _dropped(held: HeldBack) -> str:
    """What nothing reaches: `lines 12 to 20 and 24` of the program's file, or how many instructions."""
    code, program = held.code, held.program
    first = code.line((program.section, program.start))
    kept, dropped = set[int](), set[int]()
    spots = walked(code, program, AS_A_LOADER_MAY_SET_IT).spots
    for spot in spots:
        info = code.line(spot)
        if first is not None and info is not None and info.file == first.file and info.line:
            (kept if spot in held.reached.spots else dropped).add(info.line)
    lines = sorted(dropped - kept)
    if not lines:
        return f"{len(spots - held.reached.spots)} of {len(spots)} instructions"
    return f"{'lines' if len(lines) > 1 else 'line'} {_ranges(lines, kept)}"


def _ranges(lines: list[int], kept: set[int]) -> str:
    """`3, 7 to 9 and 12`; lines without code belong to those around them."""
    found: list[list[int]] = []
    for line in lines:
        if found and kept.isdisjoint(range(found[-1][1], line)):
            found[-1][1] = line
        else:
            found.append([line, line])
    words = [str(a) if a == b else f"{a} to {b}" for a, b in found]
    if len(words) > _MOST_RANGES:
        words = [*words[: _MOST_RANGES - 1], f"{len(words) - _MOST_RANGES + 1} more places"]
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
