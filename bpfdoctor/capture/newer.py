"""Finds what a source wants of a newer libbpf or a newer C than are here: that is no mistake of its own."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from bpfdoctor import regular_file
from bpfdoctor.capture import vmlinux
from bpfdoctor.capture.build_flags import text_of
from bpfdoctor.kernel import libbpf
from bpfdoctor.pattern import later

_UAPI = "/usr/include/linux/bpf.h"
_MOST_VMLINUX = 64 << 20
_SYSTEM = "/usr/include/bpf"
_HEADERS = (
    "bpf_helpers.h",
    "bpf_tracing.h",
    "bpf_core_read.h",
    "bpf_helper_defs.h",
    "usdt.bpf.h",
    "bpf_endian.h",
)
_ERROR = later(r"^([^\s:][^:\n]{0,4000}:\d+:\d+): (?:fatal error|error|warning): ", re.M)
_MOST_FILES = 20  # that clang names, and that are looked into for a macro of their own
_C23 = later(r"-std=(?:gnu|c)(?:2x|23)")
_C23_SINCE = 15  # clang's release in which bool, true and false are keywords
_NEW_FLAG = b"Incorrect flag for llvm.bpf.preserve.type.info intrinsic"
_TYPE_MATCHES_SINCE = 15
_C23_WORDS = later(r"'(bool|true|false|nullptr|constexpr|typeof|static_assert)'")


def reason(messages: bytes, flags: Sequence[str], compiler: str, source: str = "") -> str:
    """The one message that stands for clang's, in its form; "" where nothing newer is wanted.

    `flags` are those that clang was called with; `compiler` is "clang 14.0.6".
    """
    text = messages.decode("utf-8", "replace")
    where = _headers_in([flag[2:] for flag in flags if flag.startswith("-I")])
    defined = "\n".join(map(_text, where))
    table = libbpf.names()
    wanted: dict[str, str] = {}  # name -> place
    for place, part in _by_error(text):
        for name in re.findall(r"\b[A-Za-z_]\w+", part):
            new = name in table and name not in wanted and not re.search(rf"\b{name}\b", defined)
            if new and _is_undeclared(name, text, part):
                wanted[name] = place
    since = max((table[name] for name in wanted), key=libbpf.number, default="")
    newest = [name for name in wanted if table[name] == since]
    shown = [name for name in newest if not name.startswith("__")] or newest
    if shown and where:
        folder = os.path.dirname(where[0])
        has = f"the headers in {folder} are those of {_version(folder)}"
        return f"{wanted[shown[0]]}: error: {shown[0]} came with libbpf {since}, and {has}"
    major = re.match(r"clang (\d+)", compiler)
    if b"identifier 'BPF_" in messages and (made := vmlinux.cached()):
        kernels = regular_file.read(made / "vmlinux.h", _MOST_VMLINUX)
        if older := older_uapi(text, _text(_UAPI), kernels):
            return older
    if _NEW_FLAG in messages and major and int(major[1]) < _TYPE_MATCHES_SINCE:
        # The optimiser names no place: the macro's own is the source's.
        return (
            f"{source}:{_line_of(source, 'bpf_core_type_matches')}:1: error: bpf_core_type_matches asks what "
            f"clang {major[1]} does not know yet; clang {_TYPE_MATCHES_SINCE} does"
        )
    asked = next((flag for flag in flags if _C23.fullmatch(flag)), "")
    if asked and major and int(major[1]) < _C23_SINCE:
        for place, part in _by_error(text):
            if word := _C23_WORDS.search(part):
                return (
                    f"{place}: error: {word[1]} is a word of C23 ({asked}), "
                    f"which clang {major[1]} does not know yet; clang {_C23_SINCE} does"
                )
    return ""


def older_uapi(text: str, headers: str, kernels: bytes) -> str:
    """What to say of a name that the kernel's types have, and its header for programs not yet."""
    for name in dict.fromkeys(re.findall(r"use of undeclared identifier '(BPF_\w+)'", text)):
        if not re.search(rf"\b{name}\b", headers) and re.search(rb"\b%s\b" % name.encode(), kernels):
            place = next(place for place, part in _by_error(text) if f"'{name}'" in part)
            return f"{place}: error: {name} is in this kernel's types, and not yet in {_UAPI}"
    return ""


def _line_of(source: str, name: str) -> int:
    before, found, _ = text_of(Path(source)).partition(name)
    return before.count("\n") + 1 if found else 1


def _is_undeclared(name: str, text: str, part: str) -> bool:
    """Whether an error can be about a name, not only on its line: `unlikely` may be anybody's macro."""
    if f"from macro '{name}'" in text:
        return False
    if f"'{name}'" in part:
        return True
    files = dict.fromkeys(place.rsplit(":", 2)[0] for place, _ in _by_error(text))
    own = (re.search(rf"#\s*define\s+{name}\b", text_of(Path(file))) for file in list(files)[:_MOST_FILES])
    return name.startswith(("bpf_", "BPF_", "__")) and not any(own)


def _by_error(text: str) -> list[tuple[str, str]]:
    """(place, all that clang prints of it) for each error."""
    starts = list(_ERROR.finditer(text))
    ends = [*(each.start() for each in starts[1:]), len(text)]
    return [(each[1], text[each.end() : end]) for each, end in zip(starts, ends, strict=False)]


def _headers_in(folders: Sequence[str]) -> list[str]:
    """libbpf's headers in the first folder that has them."""
    places = [place for folder in folders for place in (os.path.join(folder, "bpf"), folder)]
    for folder in (*places, _SYSTEM):
        found = [
            os.path.join(folder, name) for name in _HEADERS if os.path.isfile(os.path.join(folder, name))
        ]
        if found:
            return found
    return []


def _text(path: str) -> str:
    return text_of(Path(path))


def _version(folder: str) -> str:
    """What libbpf_version.h says; where it is missing, "an older one"."""
    text = _text(os.path.join(folder, "libbpf_version.h"))
    found = [re.search(rf"#define LIBBPF_{part}_VERSION (\d+)", text) for part in ("MAJOR", "MINOR")]
    return ".".join(each[1] for each in found if each) or "an older one"
