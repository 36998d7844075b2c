"""Sets global variables in an object before it is loaded, as its loader would (`--set NAME=VALUE`)."""

from __future__ import annotations

from collections.abc import Sequence

from bpfdoctor.capture.near_names import near_names
from bpfdoctor.formats.elf import OBJECT, Elf, Symbol
from bpfdoctor.model.problem import Problem

_WORDS = {"true": 1, "false": 0}


def with_values(elf: bytes, settings: Sequence[str], source: str) -> bytes:
    """The object with the values of `settings`, each NAME=VALUE. Raises Problem for what it cannot set.

    Only constants (`const volatile`, in .rodata) can be set: the verifier knows their values, and so which
    code is reached. Of other variables it knows none, whatever is in them.
    """
    found = Elf.read(elf)
    if not settings or found is None:
        return elf
    known = {each.name: each for each in found.symbols if each.kind == OBJECT and each.section is not None}
    changed = bytearray(elf)
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise Problem(f"--set {setting} says no value.", "Write --set NAME=VALUE.")
        constants = [each for each in known if _is_constant(found, known[each])]
        if name not in known:
            raise Problem(f"{source} has no variable called {name!r}.", near_names(name, constants))
        variable = known[name]
        if not _is_constant(found, variable):
            raise Problem(
                f"{name} is no constant: the verifier takes any value for possible, whatever is set.",
                f"What a program is set up with is declared so: const volatile … {name};",
            )
        assert variable.section is not None
        start = found.offset(variable.section) + variable.value
        changed[start : start + variable.size] = _as_bytes(text, name, variable.size, found.little)
    return bytes(changed)


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
        raise Problem(f"{name} has {size} bytes: {text} does not fit into it.", "Name another value.")
    return (number % (1 << (size * 8))).to_bytes(size, "little" if little else "big")
