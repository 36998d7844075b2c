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
from bpfdoctor.catalogue.catalogue import UNKNOWN, WITHOUT_MESSAGE
from bpfdoctor.catalogue.head import split
from bpfdoctor.catalogue.page import wanting
from bpfdoctor.log.line import MessageLine, RemarkLine, UnknownLine
from bpfdoctor.log.lines import parse
from bpfdoctor.model.diagnosis import Confidence, Diagnosis
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.model.transcript import ErrorBlock
from bpfdoctor.pipeline import diagnose
from scripts.kernel_messages.render import Statement, statements
from scripts.toolchain_messages.render import statements as toolchain_statements

HERE = Path(__file__).resolve().parent.parent
KERNELS = ("5.10", "6.1", "6.12", "6.18", "7.2", "7.3")
FILLER = ("failed: -22", "-22 (-22)", "bpf_missing", "handle_exec")
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


def tools() -> Iterator[str]:
    """What loaders and compilers can say: how much is answered at all, and how much with advice of its own.

    A finding that only classifies says which step failed and what the error means there: no more than that.
    """
    yield f"{'what tools say':24}{'renderings':>12}{'answered':>12}{'has advice of its own':>24}"
    listing = json.loads((HERE / "corpus" / "toolchain_messages.json").read_text())
    counts: dict[str, list[int]] = {}
    for statement in toolchain_statements(listing):
        row = counts.setdefault(statement.tool, [0, 0, 0])
        for example in statement.examples:
            reports = diagnose(RawReport(example.encode(), "log", Flavour.LOG, Stage.PASTE))
            found = [each for report in reports for each in report.diagnoses]
            row[0] += 1
            row[1] += any(each.rule != UNKNOWN for each in found)
            row[2] += any(_is_advice(each) for each in found)
    for tool, (total, answered, advised) in sorted(counts.items()):
        yield f"{tool:24}{total:>12}{answered:>12}{advised:>24}"
    every = [sum(column) for column in zip(*counts.values(), strict=True)]
    yield f"{'all tools':24}{every[0]:>12}{every[1]:>12}{every[2]:>24}"


def _is_advice(found: Diagnosis) -> bool:
    """Whether an answer names causes that were chosen for this error at this step."""
    none = (Confidence.CLASSIFIED, Confidence.GUESS)
    return found.confidence not in none and found.rule not in (UNKNOWN, WITHOUT_MESSAGE)


def made_up(rules: Catalogue) -> Iterator[str]:
    """Examples of rules that nobody printed: what stands in them for a value is filler."""
    examples = ["\n".join(each) for rule in rules.rules for match in rule.matches for each in match.examples]
    filler = sum(any(word in example for word in FILLER) for example in examples)
    yield f"examples in rules: {len(examples)}, of which {filler} are made up around filler"


def without_program(rules: Catalogue) -> Iterator[str]:
    """The pages that show no program, each with what one would need. Preflight's have tests that attach."""
    pages = [
        (rule, split((HERE / "rules" / rule.topic / f"{rule.name}.md").read_text(), rule.name)[1])
        for rule in rules.rules
    ]
    none = [(rule.name, reason) for rule, body in pages if (reason := wanting(body))]
    yield f"pages that show no program: {len(none)}"
    yield from (f"  {name}: it needs {reason}" for name, reason in none)


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
    lines = (
        gaps(rules, chosen.gaps)
        if chosen.gaps
        else (
            *table(rules, refusals()),
            "",
            *tools(),
            *made_up(rules),
            "",
            *cases(rules),
            "",
            *without_program(rules),
        )
    )
    for line in lines:
        print(line)


if __name__ == "__main__":
    main()
