"""Answers a CO-RE relocation with a kernel's types, as libbpf does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.formats.btf import ARRAY, ENUM, ENUM64, FLOAT, FWD, INT, PTR, STRUCT, UNION, Member
from bpfdoctor.formats.core_relocations import Asks, CoreRelocation
from bpfdoctor.formats.large_btf import LargeBtf
from bpfdoctor.pattern import later

_FLAVOUR = later(r"___.*", re.DOTALL)  # task_struct___old means task_struct
_ENUMS = (ENUM, ENUM64)
_DEEPEST = 16  # structures in one another, and candidates of one name

#: One step into a type: a member's name, or an index of an array
Step = tuple[str, int] | int


def essential(name: str) -> str:
    """The name without its flavour: bpf_core_essential_name_len(), tools/lib/bpf/libbpf.c."""
    return _FLAVOUR.sub("", name, count=1)


def spoken(local: LargeBtf, relocation: CoreRelocation) -> str:
    """What is asked for, as C says it: `task_struct.comm`, `enum bpf_func_id: BPF_FUNC_get_func_ip`."""
    name = essential(local.name(relocation.type))
    if relocation.asks in (Asks.ENUMERATOR_EXISTS, Asks.ENUMERATOR_VALUE):
        return f"{name}: {essential(_enumerator(local, relocation))}"
    steps = _steps(local, relocation) or ()
    plain = name.removeprefix("struct ").removeprefix("union ")
    members = "".join(f".{step[0]}" if isinstance(step, tuple) else f"[{step}]" for step in steps)
    return f"{plain}{members}" if members else name


def answer(
    local: LargeBtf, relocation: CoreRelocation, kernel: LargeBtf, *, in_memory: bool = False
) -> int | None:
    """Whether the kernel has what is asked for: 1 or 0; None where that cannot be said.

    `in_memory`: the instruction itself reads or writes the field, so that its size matters, too.
    """
    asks = relocation.asks
    if asks is Asks.LOCAL_TYPE:
        return 1
    wanted = local.type(relocation.type)
    if wanted is None:
        return None
    kinds = _ENUMS if wanted.kind in _ENUMS else (wanted.kind,)
    name = essential(wanted.name)
    found = list(kernel.named(name, *kinds))[:_DEEPEST] if name else []
    if asks in (Asks.ENUMERATOR_EXISTS, Asks.ENUMERATOR_VALUE):
        constant = essential(_enumerator(local, relocation))
        return int(any(constant in kernel.enumerators(id) for id in found))
    if asks in (Asks.TYPE, Asks.TYPE_EXISTS, Asks.TYPE_SIZE):
        return int(bool(found))
    if asks is Asks.TYPE_MATCHES:
        return None if found else 0
    steps = _steps(local, relocation)
    if steps is None:
        return None
    fields = [field for id in found if (field := _follow(local, steps, kernel, id)) is not None]
    if in_memory and asks is Asks.FIELD_OFFSET and steps and isinstance(steps[-1], tuple):
        own = steps[-1][1]
        fields = [field for field in fields if _fits(local, own, kernel, field)]
    return int(bool(fields))


def _enumerator(local: LargeBtf, relocation: CoreRelocation) -> str:
    names = list(local.enumerators(relocation.type))
    at = int(relocation.access) if relocation.access.isdigit() else len(names)
    return names[at] if at < len(names) else "?"


def _steps(local: LargeBtf, relocation: CoreRelocation) -> tuple[Step, ...] | None:
    """The members and indexes of the access; anonymous members are no steps. None when it is damaged."""
    id = local.resolve(relocation.type)
    steps: list[Step] = []
    numbers = relocation.access.split(":")
    if not all(number.isdigit() for number in numbers):
        return None
    for number in map(int, numbers[1:]):
        if array := local.array(id):
            steps.append(number)
            id = local.resolve(array[0])
            continue
        members = local.members(id)
        if number >= len(members):
            return None
        member = members[number]
        if member.name:
            steps.append((member.name, member.type))
        id = local.resolve(member.type)
    return tuple(steps)


def _follow(local: LargeBtf, steps: tuple[Step, ...], kernel: LargeBtf, id: int) -> int | None:
    """The type of the field that the kernel has; None without one."""
    for step in steps:
        id = kernel.resolve(id)
        if isinstance(step, int):
            array = kernel.array(id)
            if array is None or (step >= array[1] > 0):
                return None
            id = array[0]
            continue
        member = next(_members(kernel, id, essential(step[0])), None)
        if member is None or not _alike(local, step[1], kernel, member.type):
            return None
        id = member.type
    return id


def _fits(local: LargeBtf, own: int, kernel: LargeBtf, field: int) -> bool:
    """Whether a load of the one may become a load of the other: bpf_core_calc_field_relo(), the same file."""
    a, b = local.type(local.resolve(own)), kernel.type(kernel.resolve(field))
    if a is None or b is None or local.size(own) == kernel.size(field):
        return True
    if PTR in (a.kind, b.kind):
        return a.kind == b.kind
    return a.kind == b.kind == INT and not local.is_signed(own) and not kernel.is_signed(field)


def _members(kernel: LargeBtf, id: int, name: str, depth: int = 0) -> Iterator[Member]:
    """The members of this name, also those of anonymous structures and unions inside."""
    for member in kernel.members(id):
        if member.name == name:
            yield member
        elif not member.name and depth < _DEEPEST:
            yield from _members(kernel, member.type, name, depth + 1)


def _alike(local: LargeBtf, one: int, kernel: LargeBtf, other: int, depth: int = 0) -> bool:
    """bpf_core_fields_are_compat(), tools/lib/bpf/relo_core.c."""
    one, other = local.resolve(one), kernel.resolve(other)
    a, b = local.type(one), kernel.type(other)
    if a is None or b is None or depth > _DEEPEST:
        return False
    if a.kind in (STRUCT, UNION) and b.kind in (STRUCT, UNION):
        return True
    if a.kind in _ENUMS and b.kind in _ENUMS:
        return not a.name or not b.name or essential(a.name) == essential(b.name)
    if a.kind != b.kind:
        return False
    if a.kind == FWD:
        return not a.name or not b.name or essential(a.name) == essential(b.name)
    if a.kind == ARRAY:
        inner, outer = local.array(one), kernel.array(other)
        return bool(inner and outer) and _alike(local, inner[0], kernel, outer[0], depth + 1)  # type: ignore[index]
    return a.kind in (PTR, FLOAT, INT)
