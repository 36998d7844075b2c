"""Remembers with which texts a program did not load: who asks again need not compile them again."""

from __future__ import annotations

import json
from collections.abc import Mapping

from bpfdoctor import cached

_FORMAT = "1"
_FILES = 200  # whose failures are remembered
_MOST = 1000  # of one file


class Failures:
    """Of one file. `identity` is everything that the answers depend on beside its texts; "": nothing is kept.

    Its object stands for the headers, the flags and the compiler.
    """

    def __init__(self, identity: str, elf: bytes) -> None:
        kept = bool(identity and elf)
        self._entry = f"failed-{cached.key(_FORMAT, elf, identity)}.json" if kept else ""
        self._keys: dict[str, None] | None = None if kept else {}

    def has(self, edited: Mapping[str, str], program: str) -> bool:
        return _key(edited, program) in self._known()

    def add(self, edited: Mapping[str, str], program: str) -> None:
        known = self._known()
        if self._entry and len(known) < _MOST:
            known[_key(edited, program)] = None

    def save(self) -> None:
        if self._entry and self._keys:
            cached.write(self._entry, json.dumps(list(self._keys)).encode(), _FILES)

    def _known(self) -> dict[str, None]:
        if self._keys is None:
            self._keys = {}
            try:
                rows = json.loads(cached.read(self._entry) or b"[]")
                self._keys = {row: None for row in rows if isinstance(row, str)}
            except (ValueError, TypeError):
                pass
        return self._keys


def _key(edited: Mapping[str, str], program: str) -> str:
    return cached.key(program, *(part for item in sorted(edited.items()) for part in item))
