"""Whether two programs that load do the same on the running kernel: both are run on the same inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bpfdoctor.experiments import recorded
from bpfdoctor.experiments.inputs import worlds
from bpfdoctor.kernel.instructions import CALL
from bpfdoctor.machine.concrete import context
from bpfdoctor.machine.concrete.program import ARRAYS, MapKind, MapSpec, Runnable
from bpfdoctor.machine.concrete.world import World
from scripts.running import Live, elements, loaded, on_context, on_packet, put

_ON_PACKETS = frozenset(
    {context.SOCKET_FILTER, context.SCHED_CLS, context.SCHED_ACT, context.XDP, context.CGROUP_SKB}
    | {context.LWT_IN, context.LWT_OUT, context.LWT_XMIT}
)
_WORDS = 12  # of a raw tracepoint's context
#: clone_redirect, probe_write_user, override_return, send_signal and its like, sys_bpf, sys_close:
#: they reach out of a test run, into the process that asks for it or onto the wire.
_REACHES_OUT = frozenset({13, 36, 58, 109, 117, 166, 168})
_RUNS, _MOST_ELEMENTS, _FILLED = 200, 256, 4
_PER_CPU = (MapKind.PERCPU_HASH, MapKind.PERCPU_ARRAY, MapKind.LRU_PERCPU_HASH)
_READ = (*ARRAYS, *_PER_CPU, MapKind.HASH, MapKind.LRU_HASH, MapKind.LPM_TRIE)
_TYPES = Path("/sys/kernel/btf/vmlinux")


@dataclass(frozen=True, slots=True)
class Compared:
    """`same` is None where the kernel was no judge: no such program type, or nothing that it repeats."""

    same: bool | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Ran:
    """What came of all runs in turn, and what the maps held in the end."""

    results: Sequence[tuple[int, bytes] | None]
    maps: Mapping[str, Mapping[bytes, bytes]]


def compared(old: bytes, new: bytes) -> Compared:
    """Recorded calls of two programs: whether they return the same, and leave the same packet and maps.

    The old one runs twice: what is not the same both times (time, chance) says nothing.
    """
    types = _TYPES.read_bytes()
    before, after = (next(iter(recorded.programs(calls, types)), None) for calls in (old, new))
    if before is None or after is None or not (_can_run(before) and _can_run(after)):
        return Compared(None)
    inputs = list(worlds(before, _RUNS))
    first, again, other = (
        _ran(calls, program, inputs) for calls, program in ((old, before), (old, before), (new, after))
    )
    if first is None or again is None or other is None:
        return Compared(None)
    answered = first.results == again.results and any(first.results)
    for world, one, new_one in zip(inputs, first.results, other.results, strict=True):
        if not answered or one is None or one == new_one:
            continue
        what = "nothing" if new_one is None else f"{new_one[0]} and not {one[0]}"
        if new_one is not None and new_one[0] == one[0]:
            what = "another packet"
        return Compared(False, f"input {world.seed}, {len(world.packet)} bytes: {what}")
    for name in first.maps.keys() & again.maps.keys() & other.maps.keys():
        if first.maps[name] == again.maps[name] and first.maps[name] != other.maps[name]:
            return Compared(False, f"something else is in {name}")
    return Compared(True if answered else None)


def _can_run(program: Runnable) -> bool:
    called = {insn.imm for insn in program.decoded() if insn and insn.code == CALL and not insn.src}
    runs = program.kind in _ON_PACKETS or program.kind in (context.RAW_TRACEPOINT, context.SYSCALL)
    return runs and not called & _REACHES_OUT


def _ran(calls: bytes, program: Runnable, inputs: Sequence[World]) -> _Ran | None:
    with loaded(calls) as live:
        if live is None:
            return None
        for spec, fd in _maps(program, live):
            if spec.kind in ARRAYS and not spec.is_frozen and not spec.initial:
                _fill(spec, fd)
        results = [_result(live.program, program.kind, world) for world in inputs]
        maps = {spec.name: _held(spec, fd) for spec, fd in _maps(program, live) if spec.kind in _READ}
    return _Ran(results, maps)


def _maps(program: Runnable, live: Live) -> Iterator[tuple[MapSpec, int]]:
    for recorded_fd, spec in program.maps.items():
        if recorded_fd in live.maps:
            yield spec, live.maps[recorded_fd]


def _fill(spec: MapSpec, fd: int) -> None:
    """Half of the first elements: the other half is as it was created."""
    for index in range(0, min(spec.max_entries, 2 * _FILLED), 2):
        value = World(index, numbers=(1, 2, 7, 64)).bytes(spec.name, spec.value_size)
        if spec.kind in _PER_CPU:
            value = value.ljust(_whole(spec), b"\0") * _processors()
        put(fd, index.to_bytes(4, "little"), value)


def _held(spec: MapSpec, fd: int) -> dict[bytes, bytes]:
    return elements(fd, spec.key_size, _value_size(spec), _MOST_ELEMENTS)


def _value_size(spec: MapSpec) -> int:
    return _whole(spec) * _processors() if spec.kind in _PER_CPU else spec.value_size


def _whole(spec: MapSpec) -> int:
    """A per-CPU value has whole words."""
    return (spec.value_size + 7) // 8 * 8


def _processors() -> int:
    """Those that there may be: each has a value of its own."""
    return int(Path("/sys/devices/system/cpu/possible").read_text().split("-")[-1]) + 1


def _result(program: int, kind: int, world: World) -> tuple[int, bytes] | None:
    try:
        if kind in _ON_PACKETS:
            return on_packet(program, world.packet)
        words = (world.number(f"argument {index}", 64) for index in range(_WORDS))
        given = b"".join(word.to_bytes(8, "little") for word in words)
        returned, after = on_context(program, given)
        return returned, after if kind == context.SYSCALL else b""
    except OSError:
        return None
