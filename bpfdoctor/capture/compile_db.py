"""Finds a source file's include paths and definitions in the project's compile_commands.json."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

_NAME = "compile_commands.json"
_MOST = 64 << 20  # bytes
_FOLDERS = ("-I", "-isystem", "-iquote", "-idirafter")  # take a folder
_KEPT = (*_FOLDERS, "-D", "-U", "-include")


def flags_for(path: Path) -> list[str]:
    """The flags for `path` that say where headers are and what is defined; nothing else is taken over."""
    source = os.path.realpath(path)
    for folder in Path(source).parents:
        for candidate in (folder / _NAME, folder / "build" / _NAME):
            entry = _entry(candidate, source)
            if entry is not None:
                return _kept(entry)
    return []


def _entry(database: Path, source: str) -> dict[str, Any] | None:
    """The entry of the database that compiles `source`."""
    try:
        if database.stat().st_size > _MOST:
            return None
        entries = json.loads(database.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(entries, list):
        return None
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        folder, file = entry.get("directory", "."), entry.get("file", "")
        if isinstance(folder, str) and isinstance(file, str):
            named = os.path.join(database.parent, folder, file)
            if os.path.basename(named) == os.path.basename(source) and os.path.realpath(named) == source:
                return {**entry, "directory": os.path.join(database.parent, folder)}
    return None


def _kept(entry: dict[str, Any]) -> list[str]:
    """The flags worth keeping, with folders made absolute."""
    words = entry.get("arguments")
    if words is None:
        try:
            words = shlex.split(str(entry.get("command", "")))
        except ValueError:
            return []
    if not isinstance(words, list):
        return []
    result: list[str] = []
    rest = iter(str(word) for word in words)
    for word in rest:
        flag = next((kept for kept in sorted(_KEPT, key=len, reverse=True) if word.startswith(kept)), None)
        if flag is None or (flag in ("-include", *_FOLDERS[1:]) and word != flag):
            continue  # -include-pch and the like are other flags
        value = word[len(flag) :] or next(rest, "")
        if not value:
            continue
        inside = os.path.join(entry["directory"], value)
        if flag in _FOLDERS or (flag == "-include" and os.path.exists(inside)):
            value = inside
        result += [flag, value]
    return result
