"""What a compiler prints around its message: who included the file, which macros it came through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto

from bpfdoctor.model.transcript import ErrorBlock

_INCLUDED = re.compile(r"(?:In file included from|\s+from) (\S{1,400}?:\d{1,7})[:,]$")
_EXPANDED = re.compile(r"(\S{1,400}?):\d{1,7}:\d{1,7}: note: expanded from macro '(\w{1,100})'")
_PREVIOUS = re.compile(
    r"(\S{1,400}?):(\d{1,7}):\d{1,7}: note: previous (?:definition|declaration) (?:is here|of )"
)
_MACRO = re.compile(r"(\S{1,400}?):\d{1,7}:\d{1,7}: note: macro '(\w{1,100})' defined here")
_GUTTER = re.compile(r"^ {0,8}\d{1,7} \| ?")
_CARET = re.compile(r"^(?: {0,8}\| ?)?[\s~^]*\^[\s~^]*$")
_NAME_BEFORE = re.compile(r"[A-Za-z_]\w{0,100}$")


class Origin(Enum):
    """Whose file it is."""

    KERNEL = auto()  # the kernel's own headers, as BCC and modules use them
    PROGRAMS = auto()  # the headers for programs, /usr/include/linux
    LIBBPF = auto()
    VMLINUX = auto()
    USER = auto()


_KERNEL = re.compile(
    r"(?:^|/)(?:\./)?(?:include/(?:linux|asm-generic|net|trace|vdso|generated|crypto|uapi)|arch/\w{1,20}/include)/"
    r"|/lib/modules/|/usr/src/(?:linux|kernels)|/kheaders-|^/virtual/include/"
)


# The source line of a typedef, with clang 15's line number before it.
_DEFINED = re.compile(r"\s*(?:\d+ \|)?\s*(?:typedef\s[^;]{1,200}?|\}\s*)\b(\w+)\s*(?:\[[^\]]*\])?\s*;\s*$")


def origin(file: str) -> Origin:
    """Whose file this is, by its path."""
    if file.endswith("vmlinux.h"):
        return Origin.VMLINUX
    if re.search(r"(?:^|/)bpf/(?:bpf_\w{1,30}|usdt\.bpf)\.h$", file):
        return Origin.LIBBPF
    if file.startswith("/usr/include/"):
        return Origin.PROGRAMS
    return Origin.KERNEL if _KERNEL.search(file) else Origin.USER


def included_by(block: ErrorBlock) -> tuple[str, ...]:
    """The places (file:line) of the #include lines that lead to the message's file, nearest first.

    clang begins with the outermost; GCC ("In file included from a.h:9,", then "   from a.c:9:") ends with it.
    """
    found = [(line, each[1]) for line in block.context if (each := _INCLUDED.search(line))]
    is_gccs = any(line.startswith(" ") for line, _ in found)
    return tuple(place for _, place in (found if is_gccs else reversed(found)))


def macros(block: ErrorBlock) -> tuple[tuple[str, str], ...]:
    """(name, file) of the macros that the place came out of, outermost first."""
    return tuple((found[2], found[1]) for line in block.context if (found := _EXPANDED.search(line)))


def last_name(block: ErrorBlock) -> str | None:
    """What the shown line defines: `typedef __SIZE_TYPE__ size_t;`, `} __kernel_fd_set;`."""
    found = next((found for line in block.context if (found := _DEFINED.match(line))), None)
    return found[1] if found is not None else None


def other_path(block: ErrorBlock) -> str | None:
    """The path that the shown line consists of: what git leaves of a symbolic link on some file systems."""
    for line in block.context:
        shown = _GUTTER.sub("", line.strip()[:1000]).strip()
        if re.fullmatch(r"[\w./-]{1,200}/[\w.-]{1,100}\.h", shown):
            return shown
    return None


def previous(block: ErrorBlock) -> tuple[str, int] | None:
    """Where the compiler says that the same name was declared before."""
    for line in block.context:
        if found := _PREVIOUS.search(line):
            return found[1], int(found[2])
    return None


def defined_macro(block: ErrorBlock) -> tuple[str, str] | None:
    """(name, file) of the macro whose definition the compiler shows."""
    found = next(filter(None, map(_MACRO.search, block.context)), None)
    return (found[2], found[1]) if found else None


def method_of(block: ErrorBlock, name: str) -> str | None:
    """What is called of `name` as BCC calls what a map can do: `name.lookup(`."""
    pattern = re.compile(rf"\b{re.escape(name)}\.(\w{{1,60}})\(")
    found = next(filter(None, (pattern.search(line[:1000]) for line in block.context[:4])), None)
    return found[1] if found else None


def is_maps_address(block: ErrorBlock, name: str) -> bool:
    """Whether `name` stands where a helper takes a map: bpf_map_lookup_elem(&name, …)."""
    pattern = re.compile(
        rf"\bbpf_(?:\w{{0,40}}map_\w{{1,40}}|ringbuf_\w{{1,40}}|tail_call|redirect_map)\([^()]{{0,80}}&\s*{re.escape(name)}\b"
    )
    return any(pattern.search(line[:1000]) for line in block.context[:4])


def calls_around(block: ErrorBlock) -> Iterator[str]:
    """What looks like a call with the message's place between its parentheses, innermost first."""
    shown = next((a for a, b in zip(block.context, block.context[1:], strict=False) if _CARET.match(b)), None)
    if shown is None or block.column is None:
        return
    line = _GUTTER.sub("", shown[:1000])
    open_at: list[int] = []
    for at, character in enumerate(line[: block.column]):
        if character == "(":
            open_at.append(at)
        elif character == ")" and open_at:
            open_at.pop()
    for at in reversed(open_at):
        if found := _NAME_BEFORE.search(line[:at]):
            yield found[0]
