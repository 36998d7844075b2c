"""Sets global variables in an object before it is loaded, as its loader would (`--set NAME=VALUE`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bpfdoctor.capture.near_names import near_names
from bpfdoctor.formats.btf import Btf
from bpfdoctor.formats.elf import OBJECT, Elf, Symbol
from bpfdoctor.model.problem import Problem

_MOST_MEMBERS = 1000  # of one variable
_DEEPEST = 8
_WORDS = {"true": 1, "false": 0}


def with_values(elf: bytes, settings: Sequence[str], source: str) -> bytes:
    """The object with `settings`: NAME=VALUE, NAME.MEMBER=VALUE. Raises Problem for what it cannot set.

    Only constants (`const volatile`, in .rodata) can be set: the verifier knows their values, and so which
    code is reached. Of other variables it knows none, whatever is in them.
    """
    found = Elf.read(elf)
    if not settings or found is None:
        return elf
    types = Btf.from_elf(found) if any(set(".[") & set(each.partition("=")[0]) for each in settings) else None
    known = {each.name: each for each in found.symbols if each.kind == OBJECT and each.section is not None}
    changed = bytearray(elf)
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise Problem(f"--set {setting} says no value.", "Write --set NAME=VALUE.")
        constants = [each for each in known if _is_constant(found, known[each])]
        whole = re.split(r"[.\[]", name, maxsplit=1)[0]
        if whole not in known:
            raise Problem(f"{source} has no variable called {whole!r}.", near_names(whole, constants))
        variable = known[whole]
        if not _is_constant(found, variable):
            raise Problem(
                f"{whole} is no constant: the verifier takes any value for possible, whatever is set.",
                f"What a program is set up with is declared so: const volatile … {whole};",
            )
        assert variable.section is not None
        offset, size = 0, variable.size
        if name != whole:
            members = list(_members(types, whole)) if types else []
            place = next(((start, size) for path, start, size in members if whole + path == name), None)
            if place is None:
                paths = [whole + path for path, _, _ in members]
                raise Problem(f"{whole} has nothing called {name}.", near_names(name, paths))
            offset, size = place
        start = found.offset(variable.section) + variable.value + offset
        changed[start : start + size] = _as_bytes(text, name, size, found.little)
    return bytes(changed)


def name_of(elf: Elf, types: Btf | None, section: int, offset: int, size: int) -> str:
    """What --set calls `size` bytes of a section: `level`, `config.level`, `limits[2]`; "" for nothing."""
    for each in elf.symbols:
        inside = each.kind == OBJECT and each.section == section and 0 <= offset - each.value < each.size
        if inside and each.size == size:
            return each.name
        if inside and types is not None:
            place = (offset - each.value, size)
            found = (path for path, *at in _members(types, each.name) if tuple(at) == place)
            return next((each.name + path for path in found), "")
    return ""


def _members(types: Btf, name: str) -> Iterator[tuple[str, int, int]]:
    """(path, offset, size) of the numbers in a variable: (".level", 4, 4), ("[2].id", 40, 8)."""
    waiting = [("", 0, types.variables.get(name, 0), 0)]
    for _ in range(_MOST_MEMBERS):
        if not waiting:
            return
        path, offset, id, depth = waiting.pop()
        id = types.resolve(id)
        array = types.array(id)
        if depth > _DEEPEST:
            continue
        if array is not None:
            element, count = array
            each = types.size(element) or 0
            last = min(count, _MOST_MEMBERS)
            waiting += [(f"{path}[{at}]", offset + at * each, element, depth + 1) for at in range(last)]
        elif members := types.members(id):
            for member in members:
                if not member.bits and not member.bit_offset % 8:
                    below = f"{path}.{member.name}" if member.name else path
                    waiting.append((below, offset + member.bit_offset // 8, member.type, depth + 1))
        elif path and (size := types.size(id)):
            yield path, offset, size


def _is_constant(elf: Elf, variable: Symbol) -> bool:
    return elf.names[variable.section or 0].startswith(".rodata") and variable.size > 0


def _as_bytes(text: str, name: str, size: int, little: bool) -> bytes:
    """A number (decimal, 0x…, true), or a text where the variable is no number's size."""
    try:
        number = _WORDS[text] if text in _WORDS else int(text, 0)
    except ValueError:
        data = text.encode()
        if len(data) >= size:
            raise Problem(
                f"{text!r} is no number, and as a text too long for {name} ({size} bytes)."
            ) from None
        return data.ljust(size, b"\0")
    if size > 8 or not -(1 << (size * 8 - 1)) <= number < 1 << (size * 8):
        raise Problem(f"{text} does not fit into the {size * 8} bits of {name}.", "Name another value.")
    return (number % (1 << (size * 8))).to_bytes(size, "little" if little else "big")
