"""What a compiler reads in the place of files: patched texts, and a program that came from standard input."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bpfdoctor import regular_file


class Texts:
    """How clang is told of them: the `flags`, and the words that name the `source`; copies are in `folder`.

    Clang's virtual file system has them under the names of the files, but for a source that came from
    standard input: its file need not be there, and clang asks the disk for it.
    """

    def __init__(self, path: Path, edited: Mapping[str, str], folder: str) -> None:
        self.path, self._folder = path, folder
        name = str(path) if str(path)[0] not in "-@" else f"./{path}"  # neither a flag nor a response file
        self.flags, self.source = [], [name]
        copies = {os.path.abspath(name): text.encode() for name, text in edited.items()}
        self._given = regular_file.given(path)
        if self._given is not None:
            whole = os.path.abspath(path)
            copies.setdefault(whole, self._given)
            self.flags = ["-iquote", str(path.parent)]
            self.source = ["-x", "c", self._copy(whole)]
        if copies:
            self.flags += self._written(copies)

    def _written(self, copies: Mapping[str, bytes]) -> list[str]:
        import json  # most programs are what they are on the disk

        roots = []
        for whole, text in copies.items():
            copy = Path(self._copy(whole))
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(text)
            roots.append({"type": "file", "name": whole, "external-contents": str(copy)})
        overlay = Path(self._folder, "overlay.json")
        overlay.write_text(json.dumps({"version": 0, "use-external-names": False, "roots": roots}))
        # For the lines that BTF quotes LLVM reads the file itself, unless the text is in the debug
        # information; of a function that a macro makes it is not, so that the file it reads has to be the
        # copy.
        maps = [f"-fdebug-prefix-map={whole}={self._copy(whole)}" for whole in copies]
        return ["-ivfsoverlay", str(overlay), "-gdwarf-5", "-gembed-source", *maps]

    def _copy(self, whole: str) -> str:
        """Where the copy of a file is: under its own name, as places are found by that."""
        return os.path.join(self._folder, "edited", whole.lstrip("/"))

    def renamed(self, messages: bytes) -> bytes:
        """What a compiler says, with the source's own name and folder."""
        for told, name in self._names():
            begin = rb"(?<![^\s'\"])" + re.escape(os.fsencode(told))  # of a path, not in the middle of one
            messages = os.fsencode(name).join(re.split(begin, messages))
        return messages

    def headers(self, dependencies: Path) -> Iterator[str]:
        """The files a compilation read."""
        for found in listed(dependencies):
            for told, name in self._names():
                if found.startswith(told):
                    found = name + found.removeprefix(told)  # noqa: PLW2901
            yield found

    def _names(self) -> Iterator[tuple[str, str]]:
        """How clang calls what came from standard input, and, clang 13, what is beside it."""
        if self._given is not None:
            folder = self.path.parent
            yield self.source[-1], str(self.path)
            yield os.path.join(os.path.abspath(folder), ""), os.path.join(folder, "")


def listed(dependencies: Path) -> Iterator[str]:
    """The files in clang's dependency file; none where there is no such file."""
    try:
        text = dependencies.read_text(errors="surrogateescape")
    except OSError:
        return
    for name in re.findall(r"(?:\\.|[^\\\s])+", text.replace("\\\n", " ").partition(":")[2]):
        yield re.sub(r"\\(.)", r"\1", name).replace("$$", "$")
