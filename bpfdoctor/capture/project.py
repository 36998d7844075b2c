"""What surrounds a source: its project's flags, and what clang does not find and the project has."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from bpfdoctor import resources
from bpfdoctor.capture import build_flags, build_macros, compile_db, packages
from bpfdoctor.capture.header_search import Headers, is_build_file
from bpfdoctor.capture.project_flags import Flags, folders_of, listed, looks_like_one, told

_MOST_HEADERS = 200
_QUOTED = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]{1,200})"', re.M)
_MOST_FOUND = 40  # folders of headers
_MISSING = re.compile(
    rb"^([^\s:][^:\n]{0,4000}):\d+:\d+: (?:fatal )?error: '([^'\n]{1,400})' file not found", re.M
)
_OWN_ERROR = re.compile(
    rb"^([^\s:][^:\n]{0,4000}):\d+:\d+: error: [^\n]*\n[^\n|]{0,20}\|?\s*#\s*error\b", re.M
)
_UNDECLARED = re.compile(rb"use of undeclared identifier '([A-Z_][A-Z0-9_]{3,60})'")
_EXTERN = re.compile(rb"failed to find BTF for extern '([^'\n]{1,200})'[^\n]*")
_MOST_MACROS = 40
#: uname's machine -> its folder in the kernel's arch/, where the two differ
_ARCH = {
    "x86_64": "x86",
    "aarch64": "arm64",
    "armv7l": "arm",
    "s390x": "s390",
    "ppc64le": "powerpc",
    "riscv64": "riscv",
}
_SEVERAL = 3  # sources that a build names: then it names each
_INCLUDED = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]{1,200})[">]', re.M)
_CLANGS = frozenset({"stddef.h", "stdarg.h", "stdint.h", "stdbool.h", "limits.h", "float.h"})  # its own
_LIBBPF = "/usr/include/bpf"
_PLAIN_FOLDER = re.compile(r"(?!\.)[\w.-]{1,60}(?:/(?!\.)[\w.-]{1,60}){0,3}")
_NEEDED = (
    # glibc since 2.41 declares _Float128 for every clang that calls the machine x86_64: without its header.
    (
        re.compile(rb"/bits/floatn\.h:\d+:\d+: error: "),
        "-D_BITS_FLOATN_H",
        "as BPF has no __float128, which this glibc's headers declare",
    ),
    # Attributes of C23 are on by themselves in later versions.
    (
        re.compile(rb": error: expected [^\n]*\n(?:[ \d]*\| )?[^\n]*\[\[\w"),
        "-fdouble-square-bracket-attributes",
        "which this clang wants for [[…]]",
    ),
)


class Project:
    """What surrounds one source. What clang does not find is looked for here; `note` says what was used."""

    def __init__(self, path: Path, with_flags: bool = True) -> None:
        self.path, self._folders = path, folders_of(path)
        root = self._folders[-1]
        self._headers = Headers(root, whole_project=looks_like_one(root))
        self.flags = told(path, self._folders, self._headers) if with_flags else Flags()
        self.found: dict[str, list[str]] = {}  # folder -> the headers that were found there
        self.host: list[str] = []  # -D__x86_64__, where a header of the host's asks for it
        self.needs: dict[str, str] = {}  # a flag that a message of clang's asks for -> why
        self.macros: dict[str, tuple[str, str]] = {}  # name -> (value, the build file that sets it)

    def more_flags(self) -> list[str]:
        """The flags for what was found, after everybody else's: nothing is found here that is found there."""
        macros = [f"-D{name}={value}" for name, (value, _) in self.macros.items()]
        return [
            *self.host,
            *self.needs,
            *macros,
            *(word for folder in self.found for word in ("-idirafter", folder)),
        ]

    def learns(self, messages: bytes) -> bool:
        """Whether what clang says is missing is here, so that another try is worth it."""
        for asks, flag, why in _NEEDED:
            if flag not in self.needs and asks.search(messages):
                self.needs[flag] = why
                return True
        missing = _MISSING.search(messages)
        if not missing:
            return self._learns_macros(messages) or self._learns_host(messages)
        if len(self.found) >= _MOST_FOUND:
            return False
        name = os.fsdecode(missing[2])
        if name.startswith("gnu/stubs") and not self.host:
            # glibc tells the host's ABI by the host's macro, which -target bpf takes away.
            return self._names_the_host()
        if not self.looks_for(name, Path(os.path.realpath(os.fsdecode(missing[1])))):
            return self._learns_macros(messages)
        self.looks_ahead(())
        return True

    def _names_the_host(self) -> bool:
        macro = compile_db.HOST_MACRO.get(os.uname().machine)
        # x86_64's is known without the last underscores, too
        self.host = [f"-D{name}" for name in (macro, macro.rstrip("_"))] if macro and not self.host else []
        return bool(self.host)

    def _learns_host(self, messages: bytes) -> bool:
        """Whether an #error asks which machine this is: in many builds the program is told."""
        macro = compile_db.HOST_MACRO.get(os.uname().machine, "\0").rstrip("_")
        files = {os.fsdecode(name) for name in _OWN_ERROR.findall(messages)}
        asks = any(macro in build_flags.text_of(Path(name)) for name in sorted(files)[:10])
        return asks and not self.host and self._names_the_host()

    def _learns_macros(self, messages: bytes) -> bool:
        """Whether the build sets a macro of which clang says that nobody declares it."""
        wanted = dict.fromkeys(name.decode() for name in _UNDECLARED.findall(messages))
        new = [name for name in wanted if name not in self.macros][:_MOST_MACROS]
        if not new or len(self.macros) >= _MOST_MACROS or not self._headers.whole_project:
            return False
        files, near = self._headers.build_files(), str(Path(os.path.realpath(self.path)).parent)
        for name in new:
            found = build_macros.told(name, files, near)
            if found and found[1] is not None:
                self.macros[name] = (found[1], found[0])
        return any(name in self.macros for name in new)

    def looks_ahead(self, folders: Sequence[str], text: str | None = None) -> None:
        """Look for all that the source and its headers include, so that clang need not stop at each of them.

        `folders` are the user's. With a `text`, the source's own, only if one of its own includes is missing.
        """
        given = [word for word in self.flags.words if word.startswith(compile_db.FOLDERS)]
        known = [*folders, *(re.sub(r"^-(?:idirafter|isystem|iquote|I)", "", word) for word in given)]
        waiting, seen = [os.path.realpath(self.path)], set[str]()
        if text is not None and all(
            self._place(mark, name, waiting[0], known) for mark, name in _INCLUDED.findall(text)
        ):
            return
        while waiting and len(seen) < _MOST_HEADERS:
            file = waiting.pop()
            for mark, name in _INCLUDED.findall(build_flags.text_of(Path(file))):
                place = self._place(mark, name, file, known)
                if place is None and len(self.found) < _MOST_FOUND and self.looks_for(name, Path(file)):
                    place = next(os.path.join(each, name) for each in self.found if name in self.found[each])
                if place and place not in seen and not place.startswith("/usr/"):
                    seen.add(place)
                    waiting.append(place)

    def _place(self, mark: str, name: str, includer: str, known: Sequence[str]) -> str | None:
        """The file that an include means; "" for one of clang's own, None for one that is nowhere known."""
        if os.path.isabs(name) or name in _CLANGS:
            return ""
        own = [os.path.dirname(includer)] if mark == '"' else []
        folders = [*own, *known, *self.found, "/usr/include", _multiarch()]
        return next((path for each in folders if os.path.isfile(path := os.path.join(each, name))), None)

    def looks_for(self, name: str, includer: Path | None = None) -> bool:
        """Whether a folder of the project has the header, and was not known."""
        folder = self._headers.folder_of(name, includer or Path(os.path.realpath(self.path)))
        folder = folder or (_in_the_kernels_headers(name) if name.startswith("uapi/") else None)
        folder = folder or (_of_libbpf(name) if self._headers.whole_project else None)
        if folder is None or name in self.found.get(folder, ()):
            return False
        self.found.setdefault(folder, []).append(name)
        return True

    def folders_for(self, text: str, known: list[str]) -> list[str]:
        """The project's folders for the headers that a BCC program and its headers include in quotes."""
        waiting, seen = [text], set[str]()
        while waiting and len(seen) < _MOST_HEADERS:
            for name in _QUOTED.findall(waiting.pop()):
                folders = [*known, *self.found]
                place = next(
                    (path for each in folders if os.path.isfile(path := os.path.join(each, name))), None
                )
                if place is None and self.looks_for(name):
                    place = next(os.path.join(each, name) for each in self.found if name in self.found[each])
                if place and place not in seen:
                    seen.add(place)
                    waiting.append(build_flags.text_of(Path(place)))
        return list(self.found)

    def note(self, headers: Sequence[str] = ()) -> tuple[str, ...]:
        """One sentence that says which flags and folders nobody asked for; () where there are none.

        `headers` are those that were read, where that is known: of the folders only theirs are named.
        """
        said = []
        if self.flags.words:
            said.append(f"the flags in {self.flags.said_by} ({shlex.join(map(_short, self.flags.words))})")
        said += [f"{flag}, {why}" for flag, why in self.needs.items()]
        for name, (value, file) in self.macros.items():
            said.append(f"-D{name}={value}, as in {_short(file)}")
        read = {os.path.normpath(header) for header in headers}
        for folder, found in self.found.items():
            names = [name for name in found if os.path.normpath(os.path.join(folder, name)) in read] or found
            if read and names is found:
                continue
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            said.append(f"-I {_short(folder)}, which has {names[0]}{more}")
        return (f"Compiled with {'; '.join(said)}.",) if said else ()

    def whole(self) -> str:
        """The nearest source of the project that includes this one; "" for none."""
        includers = self._headers.includers_of(Path(os.path.realpath(self.path)))
        return _short(includers[0]) if includers else ""

    def missing(self, messages: bytes) -> str:
        """Clang's line about a missing header, and why it is missing; "" where nothing shows that."""
        found = _MISSING.search(messages)
        name = os.fsdecode(found[2]) if found else ""
        why = ""
        if not name:
            return ""
        if origin := self._headers.made_from(name):
            why = f": the project's build makes it from {_short(origin)}"
        elif _in_the_kernels_headers(name):
            why = ", which is one of the kernel's own headers"
        elif holder := [each for each in self._empty_submodules() if _may_hold(each, name)]:
            why = f": nothing is in the git submodule {', '.join(holder)}"
        elif self._headers.whole_project and not os.path.exists(os.path.join("/usr/include", name)):
            empty = self._empty_submodules()
            why = ": it is neither in the project nor installed on this machine"
            why += f"; nothing is in the git submodules {', '.join(empty[:3])}" if empty else ""
        return found[0].decode("utf-8", "replace") + why if found and why else ""

    def unset_macro(self, messages: bytes) -> str:
        """A message about a macro to which the build gives a value that cannot be read there; "" for none."""
        names = dict.fromkeys(name.decode() for name in _UNDECLARED.findall(messages))
        if not names or not self._headers.whole_project:
            return ""
        files, near = self._headers.build_files(), str(Path(os.path.realpath(self.path)).parent)
        for name in names:
            place = re.search(rb"^([^\s][^\n]*:\d+:\d+): error: [^\n]*'%s'" % name.encode(), messages, re.M)
            found = build_macros.told(name, files, near) if place else None
            if place and found and found[1] is None:
                where = place[1].decode("utf-8", "replace")
                sets = f"the project's build sets {name}, in {_short(found[0])}"
                return f"{where}: error: {sets}, to what it works out"
        return ""

    def said_of_externs(self, words: bytes) -> bytes:
        """What libbpf says, with where in the project the names are defined that this object lacks."""

        def said(found: re.Match[bytes]) -> bytes:
            name = found[1].decode("utf-8", "replace")
            place = self._headers.definer_of(name, self.path) if self._headers.whole_project else ""
            if not place:
                return found[0]
            where = f"it is defined in {_short(place)}, another source of the project"
            return f"failed to find BTF for extern '{name}': {where}".encode()

        return _EXTERN.sub(said, words, count=1)

    def unnamed(self) -> tuple[str, ...]:
        """A sentence where the project's build names the sources of this folder, and not this one."""
        folder, own = self._folders[0], self.path.name
        others = [name for name in listed(folder) if name.endswith(".c") and name != own]
        for place in self._folders:
            for file in (name for name in listed(place) if is_build_file(name)):
                text = re.sub(r"(?m)#.*$", "", build_flags.text_of(place / file))
                if re.search(rf"(?<![\w-]){re.escape(own.split('.')[0])}(?![\w-])", text):
                    return ()
                if sum(other in text for other in others) >= _SEVERAL:
                    return (
                        f"{_short(str(place / file))} names other sources of this folder, and not {own}: "
                        "perhaps the project no longer builds it.",
                    )
        return ()

    def explains(self, messages: bytes) -> tuple[str, ...]:
        """Why a header of the kernel's does not help, although it is here."""
        found = _MISSING.search(messages)
        name = os.fsdecode(found[2]) if found else ""
        folder = _in_the_kernels_headers(name) if name and not self._headers.made_from(name) else None
        return (
            (
                f"{name} is a header for building kernel modules ({folder} has it): it takes the flags "
                "of the kernel's build. With vmlinux.h a program needs none of them.",
            )
            if folder
            else ()
        )

    def _empty_submodules(self) -> list[str]:
        root = self._folders[-1]
        text = build_flags.text_of(root / ".gitmodules")
        paths = re.findall(r"^\s*path\s*=\s*(\S{1,300})$", text, re.M)[:50]
        return [path for path in paths if not listed(root / path)]


_known: dict[str, Project] = {}  # of the source that was compiled last, with what was learnt


def surroundings(path: Path, anew: bool) -> Project:
    """What surrounds a source; not `anew`: for a text in its place, which needs no second search."""
    key = os.path.realpath(path)
    if anew or key not in _known:
        _known.clear()
        _known[key] = Project(path)
    return _known[key]


def _may_hold(submodule: str, name: str) -> bool:
    """Whether a submodule is called as what it would have: `3rdparty/libbpf` for bpf_helpers.h."""
    folder = os.path.dirname(os.path.normpath(name)).lstrip("./").partition("/")[0]
    part = folder or ("bpf" if name in packages.PROGRAM_HEADERS else os.path.splitext(name)[0])
    return part.lower() in submodule.lower()


def _of_libbpf(name: str) -> str | None:
    """The folder in which a header of the installed libbpf has this name: `libbpf/bpf_helpers.h`.

    A project that brings its own libbpf, as a submodule or by its build, may call its folder as it likes.
    """
    folder, base = os.path.split(name)
    if base not in packages.PROGRAM_HEADERS or not os.path.isfile(os.path.join(_LIBBPF, base)):
        return None
    if not folder:
        return _LIBBPF
    cache = resources.cache_dir()
    if not cache or not _PLAIN_FOLDER.fullmatch(folder):
        return None
    # Each name has a folder of its own: `libbpf/src` is not to be made inside what `libbpf` leads to.
    named = cache / "headers-as" / folder.replace("/", "+")
    link = named / folder
    try:
        link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(_LIBBPF)
    except OSError:
        return None
    return str(named)


def _multiarch() -> str:
    return f"/usr/include/{os.uname().machine}-linux-gnu"


def _in_the_kernels_headers(name: str) -> str | None:
    """The folder in which the headers for building modules have a name: `uapi/linux/bpf.h`, `asm/bug.h`."""
    places = (
        f"/lib/modules/{os.uname().release}/build",
        *sorted(map(str, Path("/usr/src").glob("linux-headers-*"))),
    )
    machine = os.path.join("arch", _ARCH.get(os.uname().machine, os.uname().machine), "include")
    below = ("include", machine, os.path.join(machine, "generated"))
    folders = (os.path.join(place, each) for place in places for each in below)
    return next((folder for folder in folders if os.path.isfile(os.path.join(folder, name))), None)


def _short(path: str) -> str:
    """A path, or a flag with one, as seen from here."""
    here = os.path.join(os.getcwd(), "")
    return path.replace(here, "") if path != here[:-1] else "."
