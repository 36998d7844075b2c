"""Which of a compiler's messages follow from an earlier one: clang goes on, and trips over it again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from bpfdoctor.model.record import dataclass, field

_UNDECLARED = re.compile(r"use of undeclared identifier '(\w{1,100})'")
_CALLED = re.compile(
    r"(?:call to undeclared(?: library)?|implicit declaration of|implicitly declaring library)"
    r" function '(\w{1,100})'"
)
# After these clang has lost the thread of the line.
_LOST = re.compile(
    r"expected |unknown type name |type specifier missing"
    r"|must use '\w+' tag|too (?:many|few) arguments provided to function-like macro"
)
_DECLARED_AGAIN = re.compile(r"(?:static declaration of|conflicting types for) '(\w{1,100})'")
_INCOMPLETE = re.compile(
    r"(?:invalid application of '\w{1,20}' to an |[^']{0,60})"
    r"(?:incomplete [^']{0,20}type|tentative definition has type) '((?:struct|union|enum) \w{1,100})'"
)
_TWICE = re.compile(
    r"redefinition of '(\w{1,100})'"
    r"|typedef redefinition with different types \('(?:struct |union )?(\w{1,100})'"
)
_NO_MEMBER = re.compile(r"no member named '\w{1,100}' in '(?:struct |union )?(\w{1,100})'")
_BACKEND_SAID = re.compile(r"nsupported |not supported|defined with too many arg|Invalid usage")
_ITS_FATAL = re.compile(r"Cannot select: |unimplemented |only small returns|A call to built-in function '__")
_TOO_MANY_DEFINED = re.compile(r"defined with too many args|stack arguments are not supported")
_TOO_MANY_PASSED = re.compile(r"too many args to |\S+: i64 = .{1,300} too many arguments$")
_NOT_USERS = re.compile(
    r"/usr/(?:include|src|lib)/|/lib/modules/|(?:^|/)(?:\./)?include/(?:linux|net|asm-generic|uapi|trace|generated)/"
    r"|^/virtual/include/|(?:^|/)arch/\w{1,20}/include/|(?:^|/)bpf/(?:bpf_\w{1,30}|usdt\.bpf)\.h$|/kheaders-|(?:^|/)vmlinux\.h$"
)
_INCLUDED = re.compile(r"(?:In file included from|\s+from) (\S{1,400}?:\d{1,7})[:,]$")
# What BCC 0.26 makes of some macros of the kernel's headers: a cast, and then no expression.
BROKEN_BY_BCC = "(void *){ typeof("
_MOST_KEPT = 200  # messages that a later one is compared with


class Message(Protocol):
    """What is needed of one message."""

    @property
    def text(self) -> str: ...
    @property
    def file(self) -> str | None: ...
    @property
    def line(self) -> int | None: ...
    @property
    def column(self) -> int | None: ...
    @property
    def severity(self) -> str: ...
    @property
    def function(self) -> str | None: ...


def undeclared_function(text: str) -> str | None:
    """The function that a compiler's message says is called, and nowhere declared."""
    found = _CALLED.search(text)
    return found[1] if found else None


def independent(said: Sequence[tuple[Message, Sequence[str]]]) -> tuple[list[int], set[int]]:
    """The positions of messages that follow from no earlier one, and of warnings that led to an error.

    Each message comes with the lines around it.
    """
    seen = _Seen()
    kept: list[int] = []
    guilty: set[int] = set()
    for at, (message, around) in enumerate(said):
        led = _led(around) if message.file and _NOT_USERS.search(message.file) else None
        cause = seen.cause(message) if led is None or led not in seen.led else seen.led[led]
        if cause is not None and message.severity != "warning":
            if said[cause][0].severity == "warning":
                guilty.add(cause)
            continue
        kept.append(at)
        if led is not None and message.severity != "warning":
            seen.led.setdefault(led, at)
        seen.add(at, message, around)
    return kept, guilty


@dataclass(slots=True)
class _Seen:
    """What the messages so far are about: each with the position of the message."""

    lost: dict[tuple[str | None, int | None], int] = field(default_factory=dict)  # lines not understood
    declared: dict[str, int] = field(default_factory=dict)  # names whose declaration was not understood
    called: dict[str, int] = field(default_factory=dict)
    calls: dict[tuple[str | None, int | None], int] = field(default_factory=dict)  # lines with such a call
    incomplete: dict[str, int] = field(default_factory=dict)  # types without a definition
    twice: dict[str, int] = field(default_factory=dict)  # structures that were declared again
    headers: dict[str, int] = field(default_factory=dict)  # of others, in which something was wrong
    led: dict[str, int] = field(default_factory=dict)  # #include lines that led to such a header
    places: dict[tuple[str | None, int | None, int | None], int] = field(default_factory=dict)
    refused: list[tuple[int, Message]] = field(default_factory=list)  # by the back end
    broken: dict[str | None, int] = field(default_factory=dict)  # files that BCC made no C of

    def cause(self, message: Message) -> int | None:
        """The position of the message that this one follows from."""
        where, text = (message.file, message.line), message.text
        if message.file in self.broken:
            return self.broken[message.file]
        if message.line is not None and where in self.lost and not _BACKEND_SAID.search(text):
            return self.lost[where]
        if _LOST.match(text) and where in self.calls:  # the arguments of a macro: a type, a field
            return self.calls[where]
        if message.column is not None and (*where, message.column) in self.places:
            return self.places[*where, message.column]
        if undeclared := _UNDECLARED.match(text):
            return self.declared.get(undeclared[1])
        if again := _DECLARED_AGAIN.match(text):
            return self.called.get(again[1])
        if lacking := _INCOMPLETE.match(text):
            return self.incomplete.get(lacking[1])
        if lacking := _NO_MEMBER.match(text):
            return self.twice.get(lacking[1], self.headers.get(message.file or ""))
        if message.file in self.headers:
            return self.headers[message.file]
        for at, each in self.refused:
            if _ITS_FATAL.match(text) and (_is_same(message, each) or " = vaarg " in text):
                return at
            if _TOO_MANY_PASSED.match(text) and _TOO_MANY_DEFINED.match(each.text):
                return at
        return None

    def add(self, at: int, message: Message, around: Sequence[str]) -> None:
        where, text = (message.file, message.line), message.text
        if called := _CALLED.match(text):
            self.called.setdefault(called[1], at)
            self.calls.setdefault(where, at)
            if called[1].isupper():  # a macro's arguments are no C
                self.lost.setdefault(where, at)
        if message.severity == "warning":
            return
        self.places.setdefault((*where, message.column), at)
        if any(BROKEN_BY_BCC in line for line in around):
            self.broken.setdefault(message.file, at)
        if message.file and _NOT_USERS.search(message.file):
            self.headers.setdefault(message.file, at)
        if lacking := _INCOMPLETE.match(text):
            self.incomplete.setdefault(lacking[1], at)
        if again := _TWICE.match(text):
            self.twice.setdefault(again[1] or again[2], at)
        names: Iterator[str] = iter(())
        if undeclared := _UNDECLARED.match(text):
            names = _declared_with(undeclared[1], around)
        elif _LOST.match(text):
            self.lost.setdefault(where, at)
            names = _declared_on(around)
        elif _BACKEND_SAID.search(text):
            self.refused = [*self.refused, (at, message)][-_MOST_KEPT:]
        for name in names:
            self.declared.setdefault(name, at)


def _led(around: Sequence[str]) -> str | None:
    """The #include of the user's on the way to a message, as file and line."""
    found = [(line, each[1]) for line in around if (each := _INCLUDED.search(line))]
    users = [place for _, place in found if not _NOT_USERS.search(place.rpartition(":")[0])]
    is_gccs = any(line.startswith(" ") for line, _ in found)  # it begins with the innermost
    return users[0 if is_gccs else -1] if users else None


def _is_same(fatal: Message, earlier: Message) -> bool:
    """Whether LLVM ends with what it said already, about the same line or function."""
    same_line = fatal.line is not None and (fatal.file, fatal.line) == (earlier.file, earlier.line)
    return same_line or (fatal.function is not None and fatal.function == earlier.function)


def _declared_with(type: str, around: Sequence[str]) -> Iterator[str]:
    """The variables of an unknown type: in `u32 x` clang misses u32 first and then x."""
    pattern = re.compile(rf"\b{type}\s*[\s*]\s*(\w{{1,100}})\b")
    for line in around[:4]:
        yield from (found[1] for found in pattern.finditer(line[:1000]))


def _declared_on(around: Sequence[str]) -> Iterator[str]:
    """The parameters of a macro that was not expanded: BPF_KPROBE(handler, int number)."""
    for line in around[:4]:
        if found := re.search(r"\b[A-Z][A-Z0-9_]{2,40}\(([^()]{1,400})\)", line[:1000]):
            yield "ctx"  # BPF_PROG and its like declare it
            yield from re.findall(r"(\w{1,100})\s*(?:,|$)", found[1])
