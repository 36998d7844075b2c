"""The functions in /proc/kallsyms, or in a System.map: found by name, without taking the text apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True)
class Symbol:
    """A function of the kernel. `module` is "" for the kernel itself."""

    name: str
    module: str = ""
    is_local: bool = False  # static: another file may have one of the same name


_CUTOFF = 0.8  # of difflib: the letters that match, by the mean length
_FARTHEST = 3  # letters between two lengths


class Symbols:
    """What such a text lists: `ffffffff81000000 T vfs_read`, of a module with `[xfs]` after it."""

    def __init__(self, text: bytes) -> None:
        self._text = text if text.endswith(b"\n") else text + b"\n"
        self._like: dict[str, tuple[str, ...]] = {}

    def named(self, name: str) -> tuple[Symbol, ...]:
        """Every function of exactly this name: static ones may be there several times."""
        return tuple(each for each in self._with(b" " + name.encode()) if each.name == name)

    def aliases(self, name: str) -> tuple[str, ...] | None:
        """Other names of the same function; None where addresses are hidden, so that nothing shows them."""
        found = re.search(rb"^([0-9a-fA-F]+) [tTwW] %s$" % re.escape(name.encode()), self._text, re.MULTILINE)
        if found is None:
            return ()
        if not int(found[1], 16):
            return None
        same = re.findall(rb"^%s [tTwW] (\w+)$" % found[1], self._text, re.MULTILINE)
        return tuple(each.decode() for each in same if each != name.encode())

    def copies(self, name: str) -> tuple[Symbol, ...]:
        """What the compiler made of the function: name.isra.0, name.constprop.0, name.part.0, name.cold"""
        return tuple(self._with(f" {name}.".encode()))

    def wrappers(self, call: str) -> tuple[Symbol, ...]:
        """The functions that are called for a system call: __x64_sys_openat, __ia32_sys_openat …"""
        wanted = re.compile(rf"__(?!do_|se_|pfx_)[a-z0-9]+_(?:compat_)?sys_{re.escape(call)}")
        return tuple(each for each in self._with(f"_sys_{call}\n".encode()) if wanted.fullmatch(each.name))

    def fitting(self, glob: str) -> tuple[Symbol, ...]:
        """The functions that a pattern with * and ? names."""
        pattern = re.escape(glob.encode()).replace(rb"\*", rb"[^ \t\n]*").replace(rb"\?", rb"[^ \t\n]")
        found = re.finditer(rb" [tTwW] (?:%s)(?=[\t\n])" % pattern, self._text)
        return tuple(filter(None, (self._symbol(each.start() + 3) for each in found)))

    def like(self, name: str) -> tuple[str, ...]:
        """At most three names that are nearly the same, the nearest first."""
        if name not in self._like:  # programs of one object are often attached to one function
            from difflib import get_close_matches

            self._like[name] = tuple(get_close_matches(name, self._of_letters(name), 3, _CUTOFF))
        return self._like[name]

    def _of_letters(self, name: str) -> list[str]:
        """Those that may be nearly the same: each letter that one lacks is one that does not match."""
        letters, size = set(name), len(name)
        return [
            each
            for each in self.names
            if abs(len(each) - size) <= _FARTHEST
            and size - len(letters.difference(each)) >= _CUTOFF * (size + len(each)) / 2
        ]

    @cached_property
    def names(self) -> list[str]:
        """Every name of a function, without what the compiler adds to it."""
        found = re.findall(rb" [tTwW] (\w+)[\t\n]", self._text)
        return sorted({each.decode() for each in found if not each.startswith(b"__pfx_")})

    def _with(self, part: bytes) -> Iterator[Symbol]:
        """The functions on whose lines this part is."""
        at = -1
        while (at := self._text.find(part, at + 1)) >= 0:
            if found := self._symbol(at):
                yield found

    def _symbol(self, at: int) -> Symbol | None:
        """The function on the line at this offset; None where it is no function."""
        start = self._text.rfind(b"\n", 0, at) + 1
        words = self._text[start : self._text.find(b"\n", at)].split()
        if len(words) < 3 or words[1] not in (b"t", b"T", b"w", b"W"):
            return None
        module = words[3].strip(b"[]").decode() if len(words) > 3 else ""
        return Symbol(words[2].decode("utf-8", "replace"), module, words[1].islower())
