"""The claims on pages and in sentences that nothing backs: versions of Linux, settings of the kernel.

    python -m scripts.claims

A claim is a sentence that names a version or a CONFIG_ option. It is backed by what the same sentence, or
one beside it, names: a commit, a file of the sources, a helper or kfunc whose release our facts have; by the
rule's messages, for when a wording exists; by a program on the page that kernels answered differently; or by
an entry in rules/claims.toml that says where it was looked up. No rule may have others.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bpfdoctor.catalogue.head import split
from bpfdoctor.catalogue.page import programs
from bpfdoctor.kernel import helpers, kfuncs
from bpfdoctor.kernel.versions import numbers
from scripts.wordings import kernels

HERE = Path(__file__).resolve().parent.parent
_VERSION = r"v?[2-9]\.\d{1,2}"
_CLAIM = re.compile(
    r"(?:Linux|[Kk]ernels?|[Ss]ince|[Bb]efore|[Uu]ntil|[Uu]p to|[Ff]rom|in|by|with|and older|of)"
    rf" ({_VERSION})\b|CONFIG_\w+"
)
_BACKED = re.compile(r"\b[0-9a-f]{12}\b|\b[a-z_/]+/[\w/.-]+\.[chS]\b|\bOf the kernels we read\b")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+(?=[A-Z`(])|\n+")
_NAME = re.compile(r"\bbpf_\w+")


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
        if key in ("always", "outcome", "message", "alone", "usual", "fix"):
            yield from _strings(value)
    yield from _SENTENCE.split(re.sub(r"```.*?```", "", body, flags=re.S))


def _strings(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, str) and key not in ("example", "code", "use", "name", "when"):
        yield value
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
    texts = list(_texts(page))
    shown = [HERE / "corpus" / "cases" / Path(name).parent for name in programs(page.read_text())]
    for at, text in enumerate(texts):
        for found in _CLAIM.finditer(text):
            near = " ".join(texts[max(at - 1, 0) : at + 2])
            if _BACKED.search(near) or any(piece in text for piece in known):
                continue
            version = found[1]
            if version and (
                _is_fact(version, near) or _is_wording(rule, version) or _is_shown(shown, version)
            ):
                continue
            yield Claim(rule, text.strip(), found[0])


def _is_fact(version: str, text: str) -> bool:
    """Whether a helper or kfunc that the text names came with that release."""
    rows = [helpers.every().get(name) or kfuncs.every().get(name) for name in _NAME.findall(text)]
    return any(row is not None and numbers(row.since) == numbers(version) for row in rows)


def _is_wording(rule: str, version: str) -> bool:
    """Whether it is the first or the last release that has one of the rule's messages."""
    some = _kernels().get(rule, [])
    return bool(some) and numbers(version) in (numbers(some[0]), numbers(some[-1]))


@cache
def _kernels() -> dict[str, list[str]]:
    return kernels()


def _is_shown(cases: list[Path], version: str) -> bool:
    """Whether a program of the page was given to that kernel, and others answered otherwise."""
    for case in cases:
        if (file := case / "logs" / "verdicts.json").is_file():
            said = json.loads(file.read_text())
            if (
                any(kernel.startswith(f"{version.removeprefix('v')}.") for kernel in said)
                and len({(each["verdict"], each.get("rule")) for each in said.values()}) > 1
            ):
                return True
    return False


def main() -> int:
    argparse.ArgumentParser(prog="python -m scripts.claims", description=__doc__).parse_args()
    found = [claim for page in sorted((HERE / "rules").glob("*/*.md")) for claim in claims(page)]
    for claim in found:
        print(f"{claim.rule}: {claim.why}: {claim.text}")
    print(f"{len(found)} claims that nothing backs")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
