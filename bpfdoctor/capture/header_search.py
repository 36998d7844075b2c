"""Finds in a source's own project the folder of a header that clang did not find."""

from __future__ import annotations

import os
import re
from pathlib import Path

#: the names of files that tell how a project is built
_BUILD_NAMES = frozenset({
    "Makefile", "GNUmakefile", "makefile", "Makefile.am", "configure.ac", "configure.in", "CMakeLists.txt",
    "meson.build", "build.rs", "BUILD", "BUILD.bazel", "BUILD.gn", "Dockerfile", "Justfile", "justfile",
})  # fmt: skip
_BUILD_SUFFIXES = (".mk", ".cmake", ".sh", ".bzl", ".go", ".am", ".nix", ".gradle", ".bp")
_MOST_ENTRIES = 60_000  # of a project's files and folders that are looked at
_PASSED_BY = frozenset({".git", "node_modules", ".venv", "__pycache__", ".cache"})
_LFS = b"version https://git-lfs"
#: how folders name machines: uname's name -> theirs
_ARCHES = {
    "x86_64": {"x86", "x86_64", "amd64", "x64"},
    "aarch64": {"arm64", "aarch64"},
    "armv7l": {"arm", "armv7", "armhf"},
    "s390x": {"s390", "s390x"},
    "ppc64le": {"powerpc", "ppc64le", "ppc64", "ppc"},
    "riscv64": {"riscv", "riscv64"},
    "loongarch64": {"loongarch", "loongarch64"},
    "mips64": {"mips", "mips64"},
}


class Headers:
    """The headers of one project, listed when the first one is asked for."""

    def __init__(self, root: Path, whole_project: bool) -> None:
        """`whole_project`: without one only the folder itself is looked at, not what is below it."""
        self._root, self.whole_project = root, whole_project
        self._build_files: list[str] = []
        self._places: dict[str, list[str]] | None = None

    def folder_of(self, name: str, includer: Path) -> str | None:
        """The folder to look in for `#include <name>`, the nearest to who includes it; None for none.

        A header for another machine is not taken, nor one that Git LFS keeps elsewhere.
        """
        if not name or os.path.isabs(name):
            return None
        wanted = os.path.normpath(name)
        while wanted.startswith("../"):
            wanted = wanted[3:]
        tail = "/" + wanted
        found = [
            path
            for path in self._listed().get(os.path.basename(wanted), ())
            if path.endswith(tail) and not _for_another_machine(path[len(str(self._root)) :])
        ]
        near = str(includer.parent)
        for path in sorted(found, key=lambda path: (distance(near, path), len(path), path)):
            if not is_lfs_pointer(path):
                folder = path[: -len(tail)]
                return self._as_written(folder, name, wanted)
        return None

    def _as_written(self, folder: str, name: str, wanted: str) -> str:
        """The folder from which `../x.h` leads to x.h: any below it."""
        ups = os.path.normpath(name).count("../")
        if not ups:
            return folder or "/"
        below = next((entry.path for entry in os.scandir(folder) if entry.is_dir()), folder)
        return below if ups == 1 else folder

    def _listed(self) -> dict[str, list[str]]:
        if self._places is None:
            self._places, waiting, seen = {}, [str(self._root)], 0
            while waiting and seen < _MOST_ENTRIES:
                try:
                    entries = list(os.scandir(waiting.pop(0)))
                except OSError:
                    continue
                seen += len(entries)
                for entry in entries:
                    if entry.name.endswith((".h", ".c", ".inc", ".in", ".h.cmake")):
                        self._places.setdefault(entry.name, []).append(entry.path)
                    elif is_build_file(entry.name):
                        self._build_files.append(entry.path)
                    elif (
                        self.whole_project
                        and entry.name not in _PASSED_BY
                        and entry.is_dir(follow_symlinks=False)
                    ):
                        waiting.append(entry.path)
        return self._places

    def build_files(self) -> list[str]:
        """The project's files that tell how it is built, what it brings of others' left out."""
        self._listed()
        return [path for path in self._build_files if not {"vendor", "third_party"} & {*path.split("/")}]

    def made_from(self, name: str) -> str | None:
        """The file out of which the project's build makes a header: `config.h.in` for config.h."""
        base = os.path.basename(name)
        found = (path for other in (f"{base}.in", f"{base}.cmake") for path in self._listed().get(other, ()))
        return next(found, None)

    def includers_of(self, path: Path) -> list[str]:
        """The project's other .c files that have `#include "…/NAME"` of this one, nearest first."""
        near, own = str(path.parent), os.path.realpath(path)
        sources = [place for places in self._listed().values() for place in places if place.endswith(".c")]
        sources = sorted(sources, key=lambda place: distance(near, place))[:_MOST_SOURCES]
        name = re.escape(os.fsencode(path.name))
        line = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*"((?:[^"\n]*/)?' + name + rb')"', re.M)
        return [
            place
            for place in sources
            for included in line.findall(_head(place))
            if place != own and _is_named(own, os.fsdecode(included), place)
        ]

    def definer_of(self, name: str, path: Path) -> str:
        """The project's nearest other source that defines a variable, a map or a function; "" for none."""
        own = os.path.realpath(path)
        near = os.path.dirname(own)
        sources = [place for places in self._listed().values() for place in places if place.endswith(".c")]
        sources = sorted(sources, key=lambda place: distance(near, place))[:_MOST_SOURCES]
        word = re.escape(os.fsencode(name))
        variable = (
            rb"^(?!extern\b)[\w}][^;\n(]{0,200}\b%s\b(?:\[[^\]\n]{0,80}\])?\s*(?:SEC\s*\(|__attribute__|=|;)"
        )
        macro = rb"^[A-Z]\w*\([^;\n]{0,200}\b%s\b"
        function = rb"^(?!extern\b)\w[^;\n(]{0,200}\b%s\s*\([^;{]{0,400}\{"
        defines = re.compile(b"|".join(each % word for each in (variable, macro, function)), re.M)
        return next((place for place in sources if place != own and defines.search(_head(place))), "")


_MOST_SOURCES = 300
_HEAD = 256 << 10  # bytes in which a file's includes stand


def _is_named(path: str, included: str, place: str) -> bool:
    """Whether an include in `place` means a file: from its own folder, or from the project's root."""
    beside = os.path.realpath(os.path.join(os.path.dirname(place), included))
    return beside == path or ("/" in included and path.endswith("/" + os.path.normpath(included)))


def _head(path: str) -> bytes:
    from bpfdoctor import regular_file
    from bpfdoctor.model.problem import Problem

    try:
        return regular_file.read(path, 64 << 20, first=_HEAD)
    except (OSError, Problem):
        return b""


def is_build_file(name: str) -> bool:
    """Whether a file of this name tells how a project is built."""
    return name.endswith(_BUILD_SUFFIXES) or name in _BUILD_NAMES


def is_lfs_pointer(path: str) -> bool:
    """Whether a file's content is elsewhere, and Git LFS left three lines about it; True for no file."""
    head = _head(path)
    return not head or head.startswith(_LFS)


def distance(folder: str, path: str) -> int:
    """How many steps it is from one place in a tree to another."""
    common = os.path.commonpath([folder, path])
    return (folder.count("/") - common.count("/")) * 2 + path.count("/") - common.count("/")


def _for_another_machine(path: str) -> bool:
    """Whether a folder of the path names a machine, and none of them this one."""
    parts = {part.strip("_-.") for part in path.lower().split("/")[:-1]}
    own = _ARCHES.get(os.uname().machine, {os.uname().machine})
    others = set().union(*_ARCHES.values()) - own
    return bool(parts & others) and not parts & own
