"""Reads the rule files, and what was compiled from them: with the wheel, or before, in the cache folder.

The compiled form is lines of JSON: the index, the words of each template, the same in their order, then one
template per line, then one rule's head per line. A start parses the first, and of the others those it meets.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bpfdoctor import cached
from bpfdoctor.catalogue.head import is_rule_name, read_head
from bpfdoctor.catalogue.schema import RuleError, build
from bpfdoctor.catalogue.sentence import parse
from bpfdoctor.catalogue.words import compiled, words_mistakes
from bpfdoctor.model.record import dataclass

if TYPE_CHECKING:
    from pathlib import Path

REMARKS = "remarks.toml"
NEWER = "verifier_history.toml"
BLAME = "blame.toml"
SHARED = "outcomes"  # the folder of what rules of one collector have in common
_NEWER_KEYS = {"since": str, "before": str, "why": str, "rules": list, "cases": list}
NOT_RULES = frozenset(("README.md",))


@dataclass(frozen=True, slots=True)
class Stored:
    """A compiled catalogue. What is `bytes` is JSON, parsed by whoever needs it."""

    names: list[list[str]]  # [name, topic, id] by rule number
    index: dict[str, Any]
    words: bytes  # each template's literal words
    pieces: bytes  # each template of the verifier's as catalogue.pieces takes it
    templates: list[bytes]
    heads: list[bytes]  # by rule number


def load(folder: Path) -> Stored:
    """The compiled catalogue of the rule files in `folder`. Raises RuleError for a file that is not right."""
    file = f"catalogue-{_stamp(folder)}.json"
    if (data := cached.read(file)) and (stored := unpacked(data)):
        return stored
    stored = compile_folder(folder)
    cached.write(file, packed(stored))
    return stored


def rule_files(folder: Path) -> Iterator[tuple[str, str, Path]]:
    """Every rule's (topic, name, file), sorted."""
    from pathlib import Path

    for topic in sorted(entry.name for entry in os.scandir(folder) if entry.is_dir()):
        for file in sorted(os.scandir(folder / topic), key=lambda entry: entry.name):
            if file.name.endswith(".md") and file.name not in NOT_RULES:
                yield topic, file.name.removesuffix(".md"), Path(file.path)


def compile_folder(folder: Path, only: str | None = None) -> Stored:
    """Reads and compiles every rule, or `only` this one. Raises RuleError with everything that is wrong."""
    from bpfdoctor.catalogue.index import build as build_index

    names: list[list[str]] = []
    heads = []
    wrong: list[str] = []
    for topic, name, path in rule_files(folder):
        if only not in (None, name):
            continue
        shown = f"rules/{topic}/{path.name}"
        if not is_rule_name(name):
            wrong.append(f"{shown}: the file's name is the rule's name: lower case words with dashes")
            continue
        try:
            head = read_head(path.read_text(encoding="utf-8"), shown)
        except RuleError as error:
            wrong += error.sentences
            continue
        names.append([name, topic, head["id"]])
        heads.append(head)
    if only is not None and not (names or wrong):
        raise RuleError([f"rules/: there is no rule {only}"])
    shared = read_shared(folder, wrong)
    remarks = read_remarks(folder, wrong)
    newer, proofs = read_newer(folder, wrong), read_blame(folder, wrong)
    for head, (name, _, _) in zip(heads, names, strict=True):
        head["newer"] = [entry for entry, rules in newer if name in rules]
        head["proofs"] = proofs.get(name)
    if wrong:
        raise RuleError(wrong)
    for head in heads:
        head["said"] = compiled(head)
        evidence = head.get("evidence", {})
        head["shared"] = shared.get(evidence.get("shared", evidence.get("use")), {})
        for fix in head.get("fix", ()):
            fix.update({key: parse(fix[key]) for key in ("title", "why") if key in fix})
    rules = [build(head, topic, name) for head, (name, topic, _) in zip(heads, names, strict=True)]
    index, templates, words, pieces = build_index(rules, remarks)
    return Stored(names, index, _json(words), _json(pieces), [*map(_json, templates)], [*map(_json, heads)])


def read_shared(folder: Path, wrong: list[str]) -> dict[str, dict[str, Any]]:
    """What the rules of one collector have in common, by collector; mistakes go into `wrong`."""
    import tomllib

    found = {}
    for file in sorted((folder / SHARED).glob("*.toml")):
        where = f"rules/{SHARED}/{file.name}"
        try:
            table = tomllib.loads(file.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            wrong.append(f"{where}: not TOML: {error}")
            continue
        wrong += [f"{where}: unknown key {key!r}" for key in table.keys() - {"always", "outcome"}]
        if mistakes := [f"{where}: {sentence}" for sentence in words_mistakes(table, None)]:
            wrong += mistakes
            continue
        found[file.stem] = compiled(table)
    return found


def read_remarks(folder: Path, wrong: list[str]) -> list[str]:
    """The templates of lines that are no failure; sentences about mistakes go into `wrong`."""
    import tomllib

    from bpfdoctor.catalogue.template import TemplateError, compile_template

    file = folder / REMARKS
    if not file.exists():
        return []
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        wrong.append(f"rules/{REMARKS}: not TOML: {error}")
        return []
    templates: list[str] = []
    for key, table in tables.items():
        lines = table.get("lines") if isinstance(table, dict) else None
        if not isinstance(lines, list) or set(table) - {"lines", "why"}:
            wrong.append(f"rules/{REMARKS}: [{key}]: a table has lines, a list of templates, and why")
            continue
        for line in lines:
            try:
                compile_template(line)
                templates.append(line)
            except TemplateError as error:
                wrong.append(f"rules/{REMARKS}: [{key}]: {line!r}: {error}")
    return templates


def read_newer(folder: Path, wrong: list[str]) -> list[tuple[dict[str, Any], list[str]]]:
    """What later verifiers accept, with the rules it is about; sentences about mistakes go into `wrong`."""
    import tomllib

    file = folder / NEWER
    if not file.exists():
        return []
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        wrong.append(f"rules/{NEWER}: not TOML: {error}")
        return []
    found = []
    for name, table in tables.items():
        missing = [key for key, kind in _NEWER_KEYS.items() if not isinstance(table.get(key), kind)]
        unknown = set(table) - set(_NEWER_KEYS) - {"message", "right"}
        if missing or unknown:
            wrong.append(
                f"rules/{NEWER}: [{name}]: {(missing or sorted(unknown))[0]} is missing or not known"
            )
            continue
        found.append(({"name": name, **{k: v for k, v in table.items() if k != "rules"}}, table["rules"]))
    return found


def read_blame(folder: Path, wrong: list[str]) -> dict[str, dict[str, str]]:
    """For each rule whose message alone blames nobody: what proves the source at fault, by outcome."""
    import tomllib

    file = folder / BLAME
    if not file.exists():
        return {}
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        wrong.append(f"rules/{BLAME}: not TOML: {error}")
        return {}
    found: dict[str, dict[str, str]] = {}
    for name, table in tables.items():
        if unknown := set(table) - {"rules", "shown"}:
            wrong.append(f"rules/{BLAME}: [{name}]: {min(unknown)} is not known")
        for rule in table.get("rules", ()):
            if rule in found:
                wrong.append(f"rules/{BLAME}: [{name}]: {rule} is named twice")
            found[rule] = table.get("shown", {})
    return found


def packed(stored: Stored) -> bytes:
    """The catalogue as the bytes of a file."""
    first = _json([stored.names, stored.index])
    return b"\n".join([first, stored.words, stored.pieces, *stored.templates, *stored.heads])


def unpacked(data: bytes) -> Stored | None:
    """The catalogue that `packed` gave; None when the bytes are damaged."""
    try:
        first, words, pieces, *rest = data.split(b"\n")
        names, index = json.loads(first)
        templates = len(index["uses"])
    except (ValueError, TypeError, LookupError):
        return None
    if len(rest) != templates + len(names):
        return None
    return Stored(names, index, words, pieces, rest[:templates], rest[templates:])


def _stamp(folder: Path) -> str:
    """Place, names, sizes and times of all that the catalogue is made from: the rules, and our own code.

    The time of the last change of an inode (ctime) cannot be set, so no edit goes unseen.
    """
    from pathlib import Path

    parts = [str(folder.resolve())]
    for directory in (folder, *_topics(folder), Path(__file__).parent):
        for entry in os.scandir(directory):
            if entry.name.endswith((".md", ".toml", ".py")):
                stat = entry.stat()
                parts.append(
                    f"{directory.name}/{entry.name}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"
                )
    return cached.key(*sorted(parts))


def _topics(folder: Path) -> list[Path]:
    return [folder / entry.name for entry in os.scandir(folder) if entry.is_dir()]


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")
