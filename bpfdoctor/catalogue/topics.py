"""Pages about one question each that several rules share: what holds on which kernel.

No page says a version by itself. {{ verdict("loops/counted") }} tells what seven kernels said of a program
of corpus/topics (or corpus/cases), {{ changed(…) }} the same and demands that they did not agree,
{{ helpers(…) }} and {{ kfuncs(…) }} come from the kernel's facts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from bpfdoctor import resources
from bpfdoctor.catalogue.head import split
from bpfdoctor.catalogue.page import shown
from bpfdoctor.catalogue.schema import RuleError
from bpfdoctor.kernel import changes, helpers, kfuncs
from bpfdoctor.kernel.versions import numbers
from bpfdoctor.model.record import dataclass

CALL = re.compile(r"\{\{\s*(\w+)\(([^()]*)\)\s*\}\}")
_TEXT = re.compile(r'"([^"]*)"')


@dataclass(frozen=True, slots=True)
class Topic:
    """`page` is Markdown, with everything filled in; `rules` are the names of those that share it."""

    name: str
    title: str
    page: str
    rules: tuple[str, ...]


def load() -> tuple[Topic, ...]:
    """All topics by name. Raises RuleError for a page that says more than was tried."""
    if (compiled := resources.compiled("topics.jsonl")) is not None:
        return tuple(map(_unpacked, compiled.splitlines()))
    return read(resources.folder("topics"))


def find(name: str) -> Topic | None:
    """The topic with this name, whatever its case."""
    if resources.compiled("topics.jsonl") is None:
        paths = resources.folder("topics").glob("*.md")
        return next((_topic(path) for path in paths if path.stem == name.lower()), None)
    return next((topic for topic in load() if topic.name == name.lower()), None)


def read(folder: Path) -> tuple[Topic, ...]:
    """The topics in a folder."""
    return tuple(_topic(path) for path in sorted(folder.glob("*.md")))


def packed(topics: tuple[Topic, ...]) -> bytes:
    """What `load` reads of a wheel."""
    return "\n".join(json.dumps([each.name, each.title, each.page, each.rules]) for each in topics).encode()


def rules_of() -> dict[str, tuple[str, ...]]:
    """Topic -> the rules that share its page; no page is made for that."""
    if resources.compiled("topics.jsonl") is not None:
        return {topic.name: topic.rules for topic in load()}
    paths = sorted(resources.folder("topics").glob("*.md"))
    return {path.stem: tuple(_parts(path)[0]["rules"]) for path in paths}


def _unpacked(line: bytes) -> Topic:
    name, title, page, rules = json.loads(line)
    return Topic(name, title, page, tuple(rules))


def _parts(path: Path) -> tuple[dict[str, Any], str]:
    import tomllib  # an installed wheel has every page ready

    head, body = split(path.read_text(encoding="utf-8"), path.name)
    return tomllib.loads(head), body


def _topic(path: Path) -> Topic:
    values, body = _parts(path)

    def filled(found: re.Match[str]) -> str:
        if (makes := _MAKES.get(found[1])) is None:
            raise RuleError([f"topics/{path.name}: nothing is called {found[1]}"])
        try:
            return makes(*_TEXT.findall(found[2]))
        except (KeyError, FileNotFoundError, ValueError) as error:
            raise RuleError([f"topics/{path.name}: {found[0]}: {error}"]) from None

    rules = tuple(values["rules"])
    return Topic(path.stem, values["title"], CALL.sub(filled, body).rstrip() + _end(rules), rules)


def _end(rules: Sequence[str]) -> str:
    pages = ", ".join(f"`bpfdoctor explain {rule}`" for rule in rules)
    return (
        "\n\n## How this is known\nEvery program above was given to the kernels named, in a virtual machine; "
        "other kernels may differ, because distributions take changes over (or not) into what they call by "
        f"an older number. Messages: {pages}.\n"
    )


def case(name: str) -> Path:
    """The folder of a program."""
    corpus = resources.folder("corpus")
    found = [path for path in (corpus / "topics" / name, corpus / "cases" / name) if path.is_dir()]
    if not found:
        raise FileNotFoundError(f"there is no corpus/topics/{name}")
    return found[0]


def _program(name: str) -> str:
    folder = case(name)
    files = ("prog.bpf.c", "prog.c", "prog.py", "fixed.bpf.c")
    return shown(next(folder / file for file in files if (folder / file).is_file()))


Said = dict[str, object]  # of one kernel, as `dev capture` stores it


def said(name: str) -> list[tuple[str, Said]]:
    """(kernel, what it said) of a program, oldest first."""
    path = case(name) / "logs" / "verdicts.json"
    stored: dict[str, Said] = json.loads(path.read_text(encoding="utf-8"))
    return sorted(stored.items(), key=lambda each: numbers(each[0]))


def _verdict(name: str) -> str:
    """ "loads on 6.12, 6.18, 7.2 and 7.3; refused on 5.10 and 6.1 (unknown-helper)" """
    import tomllib

    groups: list[str] = []
    for what, some in groupby(said(name), key=lambda each: _words(each[1])):
        kernels = list(dict.fromkeys(kernel.rpartition(".")[0] for kernel, _ in some))
        *first, last = kernels
        groups.append(f"{what.format(kernels=' and '.join(filter(None, (', '.join(first), last))))}")
    whole = "; ".join(groups)
    tried = tomllib.loads((case(name) / "case.toml").read_text(encoding="utf-8"))
    return f"{whole} (without any capability)" if tried.get("capabilities") == "unprivileged" else whole


def _words(row: Said) -> str:
    if row["verdict"] == "loads":
        return "**loads** on {kernels}"
    why = (
        f", {row['not_possible']}" if "not_possible" in row else f", `{row['rule']}`" if "rule" in row else ""
    )
    return f"**refused** on {{kernels}}{why}"


def _changed(name: str) -> str:
    if len({row["verdict"] == "loads" for _, row in said(name)}) < 2:
        raise ValueError("all kernels said the same")
    return _verdict(name)


def _since(name: str) -> str:
    found = changes.every()[name]
    return f"Linux {found.since} (commit {found.commit}; older than what is tried here)"


def _helpers(*names: str) -> str:
    rows = [helpers.every()[name] for name in names]
    return _table("helper", [(each.name, each.since, each.commit) for each in rows])


def _kfuncs(*names: str) -> str:
    rows = [kfuncs.every()[name] for name in names]
    return _table("kfunc", [(each.name, each.since, each.commit) for each in rows])


def _table(what: str, rows: list[tuple[str, str, str]]) -> str:
    lines = [f"| `{name}` | {since} | {commit} |" for name, since, commit in rows]
    return "\n".join((f"| {what} | since Linux | commit |", "| --- | --- | --- |", *lines))


def _all_helpers() -> str:
    """Every helper, by the release that first had it."""

    def lines() -> Iterator[str]:
        every = sorted(helpers.every().values(), key=lambda each: numbers(each.since))
        for since, some in groupby(every, key=lambda each: each.since):
            yield f"| {since} | {', '.join(f'`{each.name}`' for each in some)} |"

    return "\n".join(("| Linux | helpers |", "| --- | --- |", *lines()))


_MAKES: dict[str, Callable[..., str]] = {
    "program": _program,
    "verdict": _verdict,
    "changed": _changed,
    "since": _since,
    "helpers": _helpers,
    "kfuncs": _kfuncs,
    "all_helpers": _all_helpers,
}
