"""What a source's project says about compiling it: where its root is, and the flags of its build files.

Build files are a stranger's, and are read, never run: make, cmake, cargo and go are not started.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from bpfdoctor.capture import build_flags, compile_db, makefile
from bpfdoctor.capture.header_search import Headers
from bpfdoctor.model.record import dataclass

_MOST_FOLDERS = 12  # from a source up to its project's root
_MOST_GO_FILES = 200  # in one folder
_MOST_HEADERS = 200
_QUOTED = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]{1,200})"', re.M)
_MOST_FOUND = 40  # folders of headers
_MISSING = re.compile(
    rb"^([^\s:][^:\n]{0,4000}):\d+:\d+: (?:fatal )?error: '([^'\n]{1,400})' file not found", re.M
)
#: uname's machine -> the macro by which glibc's and the kernel's headers know it
_HOST = {
    "x86_64": "__x86_64__", "aarch64": "__aarch64__", "s390x": "__s390x__", "ppc64le": "__powerpc64__",
    "riscv64": "__riscv", "loongarch64": "__loongarch64",
}  # fmt: skip
# glibc since 2.41 declares _Float128 for every clang that calls the machine x86_64: its header is left out.
_FLOATS = re.compile(rb"/bits/floatn\.h:\d+:\d+: error: ")
_NO_FLOATS = "-D_BITS_FLOATN_H"
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile", "Makefile.am")
_MARKS = frozenset({
    *_MAKEFILES, "go.mod", "Cargo.toml", "meson.build", "CMakeLists.txt", "configure.ac", "package.json",
    "LICENSE", "COPYING", "README", "README.md", "README.rst", ".gitignore", ".gitmodules", "debian",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Flags:
    """Flags for clang, and the file that says so, as it is named in a note; "" for none."""

    words: tuple[str, ...] = ()
    said_by: str = ""


class Project:
    """What surrounds one source. What clang does not find is looked for here; `note` says what was used."""

    def __init__(self, path: Path, with_flags: bool = True) -> None:
        self.path, self._folders = path, folders_of(path)
        self.flags = flags_of(path, self._folders) if with_flags else Flags()
        root = self._folders[-1]
        self._headers = Headers(root, whole_project=looks_like_one(root))
        self.found: dict[str, list[str]] = {}  # folder -> the headers that were found there
        self.host: list[str] = []  # -D__x86_64__, where a header of the host's asks for it
        self.without_floats = False  # glibc's _Float128, which no BPF target has

    def more_flags(self) -> list[str]:
        """The flags for what was found, after everybody else's: nothing is found here that is found there."""
        floats = [_NO_FLOATS] if self.without_floats else []
        return [*self.host, *floats, *(word for folder in self.found for word in ("-idirafter", folder))]

    def learns(self, messages: bytes) -> bool:
        """Whether what clang says is missing is here, so that another try is worth it."""
        if _FLOATS.search(messages) and not self.without_floats:
            self.without_floats = True
            return True
        missing = _MISSING.search(messages)
        if not missing or len(self.found) >= _MOST_FOUND:
            return False
        name = os.fsdecode(missing[2])
        if name.startswith("gnu/stubs") and not self.host:
            # glibc tells the host's ABI by the host's macro, which -target bpf takes away.
            self.host = [f"-D{_HOST[os.uname().machine]}"] if os.uname().machine in _HOST else []
            return bool(self.host)
        return self.looks_for(name, Path(os.path.realpath(os.fsdecode(missing[1]))))

    def looks_for(self, name: str, includer: Path | None = None) -> bool:
        """Whether a folder of the project has the header, and was not known."""
        folder = self._headers.folder_of(name, includer or Path(os.path.realpath(self.path)))
        folder = folder or (_in_the_kernels_headers(name) if name.startswith("uapi/") else None)
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

    def note(self) -> tuple[str, ...]:
        """One sentence that says which flags and folders nobody asked for; () where there are none."""
        said = []
        if self.flags.words:
            said.append(f"the flags in {self.flags.said_by} ({shlex.join(map(_short, self.flags.words))})")
        if self.without_floats:
            said.append(f"{_NO_FLOATS}, as BPF has no __float128, which this glibc's headers declare")
        for folder, names in self.found.items():
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
        elif empty := self._empty_submodules():
            why = f": nothing is in the git submodule {', '.join(empty)}"
        return found[0].decode("utf-8", "replace") + why if found and why else ""

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
        return [path for path in paths if not _listed(root / path)][:3]


def _in_the_kernels_headers(name: str) -> str | None:
    """The folder in which the headers for building modules have a name: `uapi/linux/bpf.h`, `net/sock.h`."""
    places = (
        f"/lib/modules/{os.uname().release}/build",
        *sorted(map(str, Path("/usr/src").glob("linux-headers-*"))),
    )
    folders = (os.path.join(place, "include") for place in places)
    return next((folder for folder in folders if os.path.isfile(os.path.join(folder, name))), None)


def _short(path: str) -> str:
    """A path, or a flag with one, as seen from here."""
    here = os.path.join(os.getcwd(), "")
    return path.replace(here, "") if path != here[:-1] else "."


def looks_like_one(folder: Path) -> bool:
    """Whether a folder is a project's: build files, a licence or .git are in it."""
    return bool({*_listed(folder)} & {".git", *_MARKS})


def folders_of(path: Path) -> list[Path]:
    """The folder of a source and its parents, up to the root of its project; the folder alone without one.

    The root is where .git is, else the highest folder that looks like a project's. Nobody's project is in a
    home itself, nor in a folder where everybody may put files.
    """
    first = Path(os.path.realpath(path)).parent
    root, seen = [first], list[Path]()
    nobodys = ("/", "/usr", "/root", os.path.realpath(os.path.expanduser("~")))
    for folder in (first, *first.parents):
        if len(seen) == _MOST_FOLDERS or str(folder) in nobodys or _is_everybodys(folder):
            break
        seen.append(folder)
        try:
            names = set(os.listdir(folder))
        except OSError:
            break
        if ".git" in names:
            return seen
        if names & _MARKS:
            root = list(seen)
    return root


def _is_everybodys(folder: Path) -> bool:
    try:
        return bool(os.stat(folder).st_mode & stat.S_IWOTH)
    except OSError:
        return True


def flags_of(path: Path, folders: list[Path]) -> Flags:
    """The flags that the project's files give for `path`; the first that says any is believed.

    Raises Problem for a database of commands that is no file, or that holds more flags than a command takes.
    """
    if words := compile_db.flags_for(path):
        return Flags(tuple(words), compile_db.NAME)
    for folder in folders:
        for said_by, words in _told_in(folder, path, folders[-1]):
            if words:
                return Flags(tuple(dict.fromkeys(words)), os.path.relpath(said_by, folders[-1]))
    return Flags()


def _told_in(folder: Path, path: Path, root: Path) -> Iterator[tuple[Path, list[str]]]:
    """What the build files of one folder say: (file, flags), the most explicit first."""
    names = _listed(folder)
    for name in [name for name in names if name.endswith(".go")][:_MOST_GO_FILES]:
        yield folder / name, _of_go(folder / name, path)
    for name in (name for name in _MAKEFILES if name in names):
        yield folder / name, list(_kept(makefile.flags_in(folder / name, path, root), folder, root))
    for name, words in build_flags.READERS.items():
        if name in names and (text := build_flags.text_of(folder / name)):
            yield folder / name, list(_kept(words(text, folder, root), folder, root))


def _listed(folder: Path) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


_GENERATE = re.compile(r"^//go:generate (.*\bbpf2go\b.*)$", re.MULTILINE)


def _of_go(go: Path, path: Path) -> list[str]:
    """The flags of a `//go:generate … bpf2go … NAME SOURCE -- FLAGS` that compiles `path`."""
    for line in _GENERATE.findall(build_flags.text_of(go)):
        try:
            words = shlex.split(makefile.without_unknown(line))
        except ValueError:
            continue
        named = [word for word in words if os.path.basename(word) == path.name]
        if not any(os.path.realpath(go.parent / word) == os.path.realpath(path) for word in named):
            continue
        flags = words[words.index("--") + 1 :] if "--" in words else []
        if "-cflags" in words[:-1]:
            flags = [*words[words.index("-cflags") + 1].split(), *flags]
        return list(_kept(flags, go.parent, go.parent)) or [f"-I{go.parent}"]
    return []


def _kept(words: list[str], folder: Path, root: Path) -> Iterator[str]:
    """Those that may be taken over, and that name folders that are there: others were made by a build."""
    for word in compile_db.kept(words, str(folder), root):
        if any(word.startswith(flag) for flag in compile_db.FOLDERS):
            place = re.sub(r"^-(?:idirafter|isystem|iquote|I)", "", word)
            if not os.path.isdir(place) or os.path.realpath(place) == "/usr/include":
                continue  # the system's own come last, or a project's asm/ and linux/ would lose to them
        yield word
