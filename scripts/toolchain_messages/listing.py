"""Puts the tools together and writes and reads corpus/toolchain_messages.json: one message a line, sorted."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bpfdoctor import resources
from scripts.kernel_messages.listing import dump
from scripts.toolchain_messages import sorting
from scripts.toolchain_messages.found import Found
from scripts.toolchain_messages.render import pattern

ABOUT = (
    "What compilers and loaders print when a BPF program is not compiled, not loaded or not attached, made by"
    " `make messages` (scripts/toolchain_messages). Do not edit; see docs/messages.md."
)
# The compile step is asked of compilers; the same order in every list
WHENS = ("compile", "open", "load", "attach", "use")
_EXAMPLES = 3


def path() -> Path:
    """Where the list lies."""
    return resources.folder("corpus") / "toolchain_messages.json"


def load(file: Path | None = None) -> dict[str, Any]:
    """The list as it was written."""
    found: dict[str, Any] = json.loads((file or path()).read_text())
    return found


def build(found: Iterable[Found]) -> dict[str, Any]:
    """Groups what was found by tool and format."""
    groups: dict[tuple[str, str], list[Found]] = {}
    compiled: list[Found] = []
    for one in found:
        if one.how == "compiler":
            compiled.append(one)
        else:
            groups.setdefault((one.tool, one.format), []).append(one)
    for one in compiled:
        groups.setdefault((one.tool, _known(one, groups)), []).append(one)
    versions: dict[str, list[str]] = {}
    for (tool, _), uses in groups.items():
        seen = versions.setdefault(tool, [])
        seen.extend(use.version for use in uses if use.version not in seen)
    for seen in versions.values():
        seen.sort(key=_numbers)
    return {
        "about": ABOUT,
        "versions": dict(sorted(versions.items())),
        "messages": [_plain(*entry, versions) for entry in sorted(groups.items())],
    }


def _known(one: Found, groups: dict[tuple[str, str], list[Found]]) -> str:
    """The source's format that a compiler's text comes from, or the text's own."""
    fits = [
        format
        for tool, format in groups
        if tool == one.tool and "%" in format and re.fullmatch(pattern(tool, format), one.example)
    ]
    # the longest text says most
    return max(fits, key=lambda format: len(re.sub(r"%\w", "", format)), default=one.format)


def _plain(key: tuple[str, str], uses: list[Found], versions: dict[str, list[str]]) -> dict[str, Any]:
    tool, format = key
    first = uses[0]
    plain: dict[str, Any] = {
        "tool": tool,
        "format": format,
        "kind": first.kind,
        "when": min((sorting.when(use) for use in uses), key=WHENS.index),
        "topic": sorting.topic(first),
        "versions": [version for version in versions[tool] if any(use.version == version for use in uses)],
        "in": sorted({use.file for use in uses}),
    }
    how = sorted({use.how for use in uses})
    if how != ["source"]:
        plain["how"] = how
    examples = list(dict.fromkeys(use.example for use in uses if use.example))
    if examples:
        plain["examples"] = examples[:_EXAMPLES]
        plain["snippets"] = sorted({use.function for use in uses if use.example})
    return plain


def _numbers(version: str) -> tuple[str, list[int]]:
    return version.rstrip("0123456789."), [int(number) for number in re.findall(r"\d+", version)]


def write(listing: dict[str, Any]) -> str:
    """The file's text."""
    return dump(listing)
