"""How much of what a verifier can say bpfdoctor knows, per kernel and per topic.

python -m scripts.coverage                the table of `make coverage`
python -m scripts.coverage --gaps TOPIC   what no rule takes yet, with examples ("all" for every topic)
"""

from __future__ import annotations

import argparse
import json
import lzma
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from bpfdoctor import catalogue
from bpfdoctor.catalogue import Catalogue
from bpfdoctor.catalogue.catalogue import UNKNOWN
from bpfdoctor.log.line import MessageLine, RemarkLine, UnknownLine
from bpfdoctor.log.lines import parse
from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import ErrorBlock
from scripts.kernel_messages.render import Statement, statements

HERE = Path(__file__).resolve().parent.parent
KERNELS = ("5.10", "6.1", "6.12", "6.18", "7.2", "7.3")
REFUSING = ("reject", "bug", "offload")


@cache
def refusals() -> tuple[Statement, ...]:
    """Everything the verifiers can refuse a program with, one entry per format or composite."""
    listing = json.loads((HERE / "corpus" / "messages.json").read_text())
    return tuple(each for each in statements(listing) if each.kind in REFUSING)


def reached(rules: Catalogue, statement: Statement) -> set[str]:
    """The rules that the statement's renderings reach."""
    blocks = (
        ErrorBlock(tuple(line for line in text.splitlines() if line.strip()), Stage.VERIFIER)
        for text in statement.examples
    )
    return {rules.find(block).rule for block in blocks}


def known(rules: Catalogue, statement: Statement) -> bool:
    return UNKNOWN not in reached(rules, statement)


def table(rules: Catalogue, found: Sequence[Statement]) -> Iterator[str]:
    yield f"{'messages known / total':24}" + "".join(f"{kernel:>11}" for kernel in KERNELS)
    hits = {statement.name: known(rules, statement) for statement in found}
    for topic in (*sorted({statement.topic for statement in found}), "all topics"):
        row = f"{topic:24}"
        for kernel in KERNELS:
            here = [s for s in found if kernel in s.kernels and topic in (s.topic, "all topics")]
            row += f"{sum(hits[s.name] for s in here):>5}/{len(here):<5}"
        yield row.rstrip()


def corpus_logs() -> Iterator[tuple[Path, str]]:
    """Every real log of the corpus, as text."""
    for path in sorted((HERE / "corpus" / "cases").glob("*/*/logs/*.log*")):
        data = path.read_bytes()
        yield path, (lzma.decompress(data) if path.suffix == ".xz" else data).decode(errors="replace")


def cases(rules: Catalogue) -> Iterator[str]:
    """How much of the catalogue real logs have tried."""
    with_cases: set[str] = set()
    templates: set[int] = set()
    lines = parsed = 0
    for path, text in corpus_logs():
        with_cases.add(path.parts[-4])
        for line in text.splitlines():
            lines += 1
            read_as = parse(line)
            spoken = isinstance(read_as, MessageLine | UnknownLine)
            hits = rules.index.lookup(line.strip()) if spoken or isinstance(read_as, RemarkLine) else {}
            templates.update(hits)
            parsed += bool(hits) or not spoken
    names = {rule.name for rule in rules.rules}
    count = len(list((HERE / "corpus" / "cases").glob("*/*/case.toml")))
    yield f"cases: {count}"
    yield f"rules with real cases: {len(names & with_cases)}/{len(names)}"
    yield f"templates hit by a real log: {len(templates)}/{rules.template_count}"
    yield f"lines of all corpus logs parsed: {parsed}/{lines}"


def gaps(rules: Catalogue, topic: str) -> Iterator[str]:
    """What reaches no rule, one line per format, with its first example."""
    for statement in refusals():
        if topic in (statement.topic, "all") and not known(rules, statement):
            kernels = f"{statement.kernels[0]}..{statement.kernels[-1]}"
            yield f"[{statement.topic}] {statement.kind} {kernels}: {statement.examples[0]!r}"


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--gaps", metavar="TOPIC")
    chosen = options.parse_args()
    rules = catalogue.load()
    lines = gaps(rules, chosen.gaps) if chosen.gaps else (*table(rules, refusals()), "", *cases(rules))
    for line in lines:
        print(line)


if __name__ == "__main__":
    main()
