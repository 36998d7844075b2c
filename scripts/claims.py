"""The claims on pages and in sentences that nothing backs: versions of Linux, settings of the kernel.

    python -m scripts.claims

A claim is a version of Linux or a CONFIG_ option that a sentence names. A version is backed by a commit in
the same sentence, or one beside it, that is in that release (rules/commits.toml and our facts); by a helper,
kfunc, map type or program type named there that came with it; by the rule's messages, for when a wording
begins and ends; by the verdicts on a program of the page, for when they change; or by an entry in
rules/claims.toml that says where it was looked up. An option is backed by a file of the sources or such an
entry. No rule may have others.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bpfdoctor import catalogue
from bpfdoctor.catalogue.head import split
from bpfdoctor.catalogue.page import programs
from bpfdoctor.kernel import helpers, kfuncs
from bpfdoctor.kernel.versions import numbers
from scripts import wordings
from scripts.coverage import KERNELS, reached, refusals

HERE = Path(__file__).resolve().parent.parent
# "since Linux 6.3", "6.12 and later", "(in v5.18)"; what has other versions is named before its own.
_CLAIM = re.compile(r"(?<![\w.$/-])v?([3-7]\.\d{1,2})(?!\w|\.\d|-bit)|CONFIG_\w+")
_NO_LINUX = re.compile(
    r"(?:iproute2|bpftool|pahole|dwarves|LLVM|Python|[Mm]eson|GCC|QEMU|BCC|bpftrace) (?:v|before |since )?$"
)
_SOURCE = re.compile(r"\b[a-z_/]+/[\w/.-]+\.[chS]\b")
_COMMIT = re.compile(r"\b[0-9a-f]{12}\b")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+(?=[A-Z`(])|\n+")
_CLAIMED = re.compile(r"[3-7]\.\d{1,2}")
_FACTS = ("helpers", "kfuncs", "map_types", "program_types", "changes")
_NO_WORDS = (
    *("example", "examples", "code", "use", "name", "when", "step", "kinds", "errnos", "words"),
    *("safety", "fixes", "becomes"),
)
_NAME = re.compile(r"\bbpf_\w+|\bBPF_(?:MAP|PROG)_TYPE_(\w+)")


@dataclass(frozen=True, slots=True)
class Claim:
    """`text` is the sentence, `why` what it names that nothing backs."""

    rule: str
    text: str
    why: str


@cache
def looked_up() -> dict[str, dict[str, str]]:
    """By rule: a piece of the sentence, and where it was looked up."""
    return tomllib.loads((HERE / "rules" / "claims.toml").read_text())


def _texts(page: Path) -> Iterator[str]:
    """The sentences of a rule's page and of its head, without its programs and messages."""
    head, body = split(page.read_text(), page.name)
    values = tomllib.loads(head)
    for key, value in values.items():
        if key in ("title", "always", "outcome", "message", "alone", "usual", "fix", "advice"):
            yield from _strings(value)
    yield from _SENTENCE.split(re.sub(r"```.*?```", "", body, flags=re.S))


def _strings(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, str) and key not in _NO_WORDS:
        yield value
    elif (
        isinstance(value, dict) and "source" in value
    ):  # an advice: its source is about each of its sentences
        for each in _strings({name: text for name, text in value.items() if name != "source"}):
            yield f"{each} ({value['source']})"
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _strings(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each, key)


def claims(page: Path) -> Iterator[Claim]:
    """Those of a rule that nothing backs."""
    rule = page.stem
    known = looked_up()["everywhere"] | looked_up().get(rule, {})
    texts = [wordings.SENTENCE.sub("", text) for text in _texts(page)]
    shown = [HERE / "corpus" / "cases" / Path(name).parent for name in programs(page.read_text())]
    for at, text in enumerate(texts):
        entries = " ".join(piece for piece in known if piece in text)
        near = " ".join(texts[max(at - 1, 0) : at + 2])
        for found in _CLAIM.finditer(text):
            if found[1] is None:
                backed = found[0] in entries or bool(_SOURCE.search(near))
            else:
                release = numbers(found[1])
                backed = (
                    found[1] in _CLAIMED.findall(entries)
                    or release in _named(near)
                    or release in _worded(rule)
                    or any(release in _changes(case) for case in shown)
                    or _NO_LINUX.search(text[: found.start()]) is not None
                )
            if not backed:
                yield Claim(rule, text.strip(), found[0])


def _named(text: str) -> set[tuple[int, ...]]:
    """The releases of the commits, and of what came with a release, that the text names."""
    some = {commits()[each] for each in _COMMIT.findall(text) if each in commits()}
    for name in _NAME.finditer(text):
        row = helpers.every().get(name[0]) or kfuncs.every().get(name[0])
        some.update([row.since] if row else [types()[name[1].lower()]] if name[1] in types() else [])
    return {numbers(each) for each in some}


@cache
def types() -> dict[str, str]:
    """The release of each type of map and program."""
    return {row["name"]: row["since"] for kind in ("map_types", "program_types") for row in _facts(kind)}


@cache
def commits() -> dict[str, str]:
    """The release of each commit that pages or our facts name."""
    found = {row["commit"]: row["since"] for kind in _FACTS for row in _facts(kind) if row.get("commit")}
    return found | tomllib.loads((HERE / "rules" / "commits.toml").read_text())


def _facts(kind: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = json.loads((HERE / "bpfdoctor" / "kernel" / f"{kind}.json").read_text())
    return rows


def _worded(rule: str) -> set[tuple[int, ...]]:
    """The releases at which a wording of the rule begins or ends."""
    return _wordings().get(rule, set())


@cache
def _wordings() -> dict[str, set[tuple[int, ...]]]:
    rules = catalogue.load()
    found: defaultdict[str, set[tuple[int, ...]]] = defaultdict(set)
    for statement in refusals():
        some = {numbers(statement.kernels[0]), numbers(statement.kernels[-1])}
        some |= _ends([each in statement.kernels for each in KERNELS])
        for rule in reached(rules, statement):
            found[rule] |= some
    return found


def _ends(answers: list[object]) -> set[tuple[int, ...]]:
    """The kernels at which an answer differs from their neighbour's."""
    changes = [at for at in range(1, len(answers)) if answers[at] != answers[at - 1]]
    return {numbers(KERNELS[place]) for at in changes for place in (at - 1, at)}


def _changes(case: Path) -> set[tuple[int, ...]]:
    """The kernels at which the verdict on a program changes."""
    if not (file := case / "logs" / "verdicts.json").is_file():
        return set()
    said = json.loads(file.read_text())
    by_series = {
        series: (each["verdict"], each.get("rule"))
        for series in KERNELS
        for kernel, each in said.items()
        if kernel.startswith(f"{series}.")
    }
    return _ends([by_series.get(series) for series in KERNELS])


def main() -> int:
    argparse.ArgumentParser(prog="python -m scripts.claims", description=__doc__).parse_args()
    found = [claim for page in sorted((HERE / "rules").glob("*/*.md")) for claim in claims(page)]
    for claim in found:
        print(f"{claim.rule}: {claim.why}: {claim.text}")
    print(f"{len(found)} claims that nothing backs")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
