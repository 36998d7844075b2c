"""Puts the kernels together into one list; writes and reads corpus/messages.json."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bpfdoctor import resources
from scripts.kernel_messages import composites, fillings, kinds, overrides, topics, words
from scripts.kernel_messages.csource import CSource
from scripts.kernel_messages.kernels import Tree
from scripts.kernel_messages.sinks import Call, extract, line
from scripts.kernel_messages.strings import Strings

ABOUT = (
    "Every format that the BPF verifiers of these kernels can print, made by `make messages`"
    " (scripts/kernel_messages). Do not edit; see docs/messages.md."
)
# Sinks that print the BTF type (or its member) before the message, and the newline after it
_BTF_LINES = {
    "btf_verifier_log_type": "btf-type",
    "btf_verifier_log_basic": "btf-type",
    "btf_verifier_log_member": "btf-member",
    "btf_verifier_log_vsi": "btf-datasec-entry",
}


@dataclass(slots=True)
class Message:
    """One format, over all kernels."""

    format: str
    kinds: set[str] = field(default_factory=set)
    kernels: set[str] = field(default_factory=set)
    uses: set[tuple[str, str]] = field(default_factory=set)  # (function, file)
    strings: list[str | list[str]] = field(default_factory=list)
    via: str = "log"
    parts: set[str] = field(default_factory=set)
    lines: set[str] = field(default_factory=set)
    soft: bool = False


def path() -> Path:
    """Where the list lies."""
    return resources.folder("corpus") / "messages.json"


def load(file: Path | None = None) -> dict[str, Any]:
    """The list as it was written."""
    found: dict[str, Any] = json.loads((file or path()).read_text())
    return found


def build(trees: list[Tree], complain: list[str]) -> dict[str, Any]:
    """Reads all trees. What a person should look at is appended to `complain`."""
    messages: dict[tuple[bool, str], Message] = {}
    vocabulary: dict[str, set[str]] = {}
    order = list(dict.fromkeys(tree.series for tree in trees))
    for tree in trees:
        sources = read(tree)
        extraction = extract(sources)
        complain.extend(f"{tree.version}: {text}" for text in extraction.complaints)
        strings = Strings(sources)
        judge = kinds.Judge(sources)
        for call in extraction.calls:
            kind = judge.kind(call)
            key = (call.sink.via == "report", call.format)
            message = messages.setdefault(key, Message(call.format, via=call.sink.via))
            _add(message, call, kind, tree.series, fillings.fillings(strings, call))
            if _unfinished(judge, call, kind):
                complain.append(
                    f"{tree.version}: {call.source.name}:{line(call.node)}: {call.format!r} goes on"
                    " in another call and is in no composite"
                )
        for kind, texts in words.words(sources).items():
            vocabulary.setdefault(kind, set()).update(texts)
    formats = {message.format: message.kernels for message in messages.values() if message.via == "log"}
    return {
        "about": ABOUT,
        "kernels": _packages(trees, between=False),
        "between": _packages(trees, between=True),
        "vocabulary": {kind: sorted(texts) for kind, texts in sorted(vocabulary.items())},
        "composites": [_composite(one, formats, order) for one in composites.COMPOSITES],
        "messages": [
            _plain(messages[key], order) for key in sorted(messages, key=lambda key: (key[1], key[0]))
        ],
    }


def _packages(trees: list[Tree], between: bool) -> dict[str, list[str]]:
    packages: dict[str, list[str]] = {}
    for tree in trees:
        if tree.between == between:
            packages.setdefault(tree.series, []).append(f"{tree.package} {tree.version}")
    return packages


def keep(old: dict[str, Any], made: dict[str, Any]) -> None:
    """Carries over what the old list says of kernels whose packages could not be fetched this time."""
    lost = {series for key in ("kernels", "between") for series in old[key] if series not in made[key]}
    if not lost:
        return
    for key in ("kernels", "between"):
        together = made[key] | {series: old[key][series] for series in old[key] if series in lost}
        made[key] = dict(sorted(together.items(), key=lambda entry: _version(entry[0])))
    new = {(message["format"], "part" in message): message for message in made["messages"]}
    for message in old["messages"]:
        kernels = lost.intersection(message["kernels"])
        identity = (message["format"], "part" in message)
        if kernels and identity not in new:
            new[identity] = message | {"kernels": []}
        if kernels:
            new[identity]["kernels"] = sorted({*new[identity]["kernels"], *kernels}, key=_version)
    made["messages"] = sorted(new.values(), key=lambda message: (message["format"], "part" in message))


def _version(series: str) -> tuple[int, ...]:
    return tuple(map(int, series.split(".")))


def read(tree: Tree) -> list[CSource]:
    """The C files of a kernel that can print to a log.

    tools/ belongs to other programs, but for CO-RE: since 5.17 the kernel builds libbpf's relo_core.c, too.
    """
    found = []
    for file in sorted(tree.folder.rglob("*.[ch]")):
        name = str(file.relative_to(tree.folder))
        data = file.read_bytes()
        if not name.startswith("tools/") or (file.name == "relo_core.c" and b"__KERNEL__" in data):
            found.append(CSource(name, data))
    return found


def _add(message: Message, call: Call, kind: str, series: str, strings: list[str | list[str]]) -> None:
    message.kinds.add(kind)
    message.kernels.add(series)
    message.uses.add((call.function, call.source.name))
    if call.sink.part:
        message.parts.add(call.sink.part)
    message.lines.add(_BTF_LINES.get(call.name, ""))
    message.soft = message.soft or call.function in overrides.SOFT
    if not message.strings:
        message.strings = strings
    message.strings = [_both(old, new) for old, new in zip(message.strings, strings, strict=False)]


def _both(old: str | list[str], new: str | list[str]) -> str | list[str]:
    """Two calls of one format: words of both; a kind of word stands for more than a list of them."""
    if isinstance(old, str):
        return new if old == "name" else old
    if isinstance(new, str):
        return old if new == "name" else new
    return sorted(set(old) | set(new))


def _unfinished(judge: kinds.Judge, call: Call, kind: str) -> bool:
    """Whether a refusing message goes on in another call and nobody has said with what."""
    return (
        call.sink.via == "log"
        and kind in (kinds.REJECT, kinds.BUG)
        and not call.format.endswith("\n")
        and call.format not in composites.PARTS
        and call.name not in _BTF_LINES
        and judge.goes_on(call)
    )


def _plain(message: Message, order: list[str]) -> dict[str, Any]:
    kind = next(kind for kind in kinds.WORST_FIRST if kind in message.kinds)
    uses = sorted(message.uses)
    plain: dict[str, Any] = {
        "format": message.format,
        "kind": kind,
        "topic": topics.topic(kind, message.via, uses, message.format),
        "kernels": [series for series in order if series in message.kernels],
    }
    if message.strings:
        plain["strings"] = message.strings
    if message.via == "netlink":
        plain["via"] = "netlink"
    if message.parts:
        plain["part"] = sorted(message.parts)
    if message.lines - {""}:
        plain["line"] = sorted(message.lines)
    if message.soft and kind in (kinds.REJECT, kinds.BUG):
        plain["soft"] = True
    if message.format in composites.PARTS:
        plain["part_of"] = sorted(
            one.name
            for one in composites.COMPOSITES
            if any(message.format in part.formats for part in one.parts)
        )
    plain["in"] = sorted({f"{file}:{function}" for function, file in uses})
    return plain


def _composite(one: composites.Composite, formats: dict[str, set[str]], order: list[str]) -> dict[str, Any]:
    """A composite with the kernels that have every part it cannot do without."""
    parts = []
    kernels = set(order)
    for part in one.parts:
        known = [format for format in part.formats if format in formats]
        if not part.optional:
            kernels &= set().union(*(formats[format] for format in known)) if known else set()
        mark = ("?" if part.optional else "") + ("*" if part.repeated else "")
        parts.append({"formats": known, "mark": mark} if mark else {"formats": known})
    return {
        "name": one.name,
        "kind": one.kind,
        "kernels": [series for series in order if series in kernels],
        "parts": parts,
        "examples": list(one.examples),
    }


def dump(listing: dict[str, Any]) -> str:
    """JSON with one message a line, so that a diff shows what a kernel changed."""
    rows = []
    for key, value in listing.items():
        if isinstance(value, list):
            inner = ",\n".join(_line(entry) for entry in value)
            rows.append(f"{_line(key)}: [\n{inner}\n]")
        elif isinstance(value, dict):
            inner = ",\n".join(f"{_line(name)}: {_line(entry)}" for name, entry in value.items())
            rows.append(f"{_line(key)}: {{\n{inner}\n}}")
        else:
            rows.append(f"{_line(key)}: {_line(value)}")
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
