"""Members that a program reads where a declaration has them, and the kernel has them elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from bpfdoctor.formats.btf import STRUCT, UNION
from bpfdoctor.formats.large_btf import LargeBtf
from bpfdoctor.model.preflight import Cause, Hook, MemberRead
from bpfdoctor.preflight.layouts import placed
from bpfdoctor.preflight.system import System

_FILLING = ("_", "pad", "unused", "skip", "dummy")  # what stands in a copy for the members that are left out


def look(hook: Hook, system: System) -> Iterator[Cause]:
    if not hook.members or system.types is None:
        return
    kernel = system.types.whole
    # BCC compiles with the headers of the machine that it runs on: are those the ones that were taken here?
    are_its_own = hook.wants is None or not hook.wants.compiled_here
    are_its_own = are_its_own or (system.is_here and system.without_headers is None)
    for read in hook.members if are_its_own else [each for each in hook.members if each.own]:
        if cause := _cause(read, kernel):
            yield cause


def _cause(read: MemberRead, kernel: LargeBtf) -> Cause | None:
    kind, _, name = read.structure.partition(" ")
    ids = list(kernel.named(name, UNION if kind == "union" else STRUCT))
    declared = read.declared
    if not ids and read.made_of:
        ids = list(kernel.named(read.made_of.removeprefix("struct "), STRUCT))
        if not _is_copy(read, kernel, ids):
            return None
        declared = f"{read.declared}, a copy of {read.made_of},"
    if not ids or not _is_meant(read, kernel, ids):
        return None
    found = [member for id in ids if (member := placed(kernel, id, read.member)) is not None]
    if any(member.bit_offset == read.offset * 8 for member in found):
        return None
    if found:
        start, bits = divmod(found[0].bit_offset, 8)
        where = f"at byte {start}" + (f", bit {bits}" if found[0].bits else "")
    else:
        near = get_close_matches(read.member, [each.name for each in kernel.members(ids[0])], 1, 0.7)
        where = "nowhere" + (f" (there is {near[0]})" if near else "")
    values = {
        "structure": read.structure,
        "declared": declared,
        "member": read.member,
        "offset": read.offset,
        "where": where,
    }
    return Cause("copied-structure" if read.own else "structure-of-other-headers", values, read.place)


def _is_copy(read: MemberRead, kernel: LargeBtf, ids: list[int]) -> bool:
    """Whether a structure with another name has the members of the one whose address it is given: two at the
    least, and all but one. A `struct sock *` may as well be a struct tcp_sock, whose members are others.
    """
    named = {each for each in read.own if not each.lower().startswith(_FILLING)}
    there = {each for each in named if any(placed(kernel, id, each) is not None for id in ids)}
    return read.member in there and len(there) >= 2 and len(named - there) <= 1


def _is_meant(read: MemberRead, kernel: LargeBtf, ids: list[int]) -> bool:
    """Whether a declaration of the program's is a copy of the kernel's: half of its members are there."""
    if not read.own:
        return True
    named = [each for each in {*read.own, read.member} if not each.lower().startswith(_FILLING)]
    there = [each for each in named if any(placed(kernel, id, each) is not None for id in ids)]
    return len(there) * 2 >= len(named) > 0
