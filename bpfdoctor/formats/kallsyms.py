"""The functions in /proc/kallsyms, or in a System.map: found by name, without taking the text apart."""

from __future__ import annotations

import re
from functools import cached_property

from bpfdoctor.model.record import dataclass

_LINE = rb"^[0-9a-f]+ ([tTwW]) (%s)(?:[ \t]+\[(\w+)\])?\r?$"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A function of the kernel. `module` is "" for the kernel itself."""

    name: str
    module: str = ""
    is_local: bool = False  # static: another file may have one of the same name


class Symbols:
    """The functions that such a text lists."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    def named(self, name: str) -> tuple[Symbol, ...]:
        """Every function of exactly this name: static ones may be there several times."""
        return self._found(re.escape(name.encode()))

    def copies(self, name: str) -> tuple[Symbol, ...]:
        """What the compiler made of the function: name.isra.0, name.constprop.0, name.part.0, name.cold"""
        return self._found(re.escape(name.encode()) + rb"\.[\w.]+")

    def ending(self, name: str) -> tuple[Symbol, ...]:
        """The functions whose names end in _NAME: __x64_sys_NAME …"""
        return self._found(rb"\w*_" + re.escape(name.encode()))

    def fitting(self, glob: str) -> tuple[Symbol, ...]:
        """The functions that a pattern with * and ? names."""
        pattern = re.escape(glob.encode()).replace(rb"\*", rb"[^ \t\n]*").replace(rb"\?", rb"[^ \t\n]")
        return self._found(pattern)

    def like(self, name: str) -> tuple[str, ...]:
        """At most three names that are nearly the same, the nearest first."""
        from difflib import get_close_matches

        about = range(len(name) - 3, len(name) + 4)
        return tuple(get_close_matches(name, [each for each in self._names if len(each) in about], 3, 0.8))

    @cached_property
    def _names(self) -> list[str]:
        found = re.findall(rb"^[0-9a-f]+ [tTwW] (\w+)", self._text, re.MULTILINE)
        return sorted({each.decode() for each in found})

    def _found(self, pattern: bytes) -> tuple[Symbol, ...]:
        return tuple(
            Symbol(found[2].decode(), (found[3] or b"").decode(), found[1].islower())
            for found in re.finditer(_LINE % pattern, self._text, re.MULTILINE)
        )
