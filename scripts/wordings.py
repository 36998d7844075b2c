"""Which kernels have a rule's messages: the sentence on its page, from all wordings and refusals of it.

python -m scripts.wordings           writes the sentences into rules/*/*.md
python -m scripts.wordings --check   fails, with the pages' names, where one is out of date
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bpfdoctor import catalogue
from bpfdoctor.kernel.versions import numbers
from scripts.coverage import HERE, reached, refusals

SENTENCE = re.compile(r"Of the kernels we read, Linux (?:[\d.]+ to [\d.]+|[\d.]+) ha(?:ve|s) them(?=[;.])")
_SERIES = re.compile(r"\d+\.\d+(?=\.\d+$)")


def kernels() -> dict[str, list[str]]:
    """For each rule the kernels with any of its messages, oldest first."""
    rules = catalogue.load()
    found: defaultdict[str, set[str]] = defaultdict(set)
    for statement in refusals():
        for rule in reached(rules, statement):
            found[rule] |= set(statement.kernels)
    for rule, series in refused():
        found[rule].add(series)
    return {rule: sorted(some, key=numbers) for rule, some in found.items()}


def refused() -> Iterator[tuple[str, str]]:
    """(rule, series) of each kernel that refused a program of the corpus in a rule's words."""
    for file in (HERE / "corpus" / "cases").glob("*/*/logs/verdicts.json"):
        for kernel, said in json.loads(file.read_text()).items():
            if said["verdict"] == "refused" and (series := _SERIES.match(kernel)):
                yield said["rule"], series[0]


def pages() -> Iterator[tuple[Path, str, str]]:
    """(page, its text, its text as it should be) of each page with such a sentence."""
    known = kernels()
    for page in sorted((HERE / "rules").glob("*/*.md")):
        text = page.read_text()
        if SENTENCE.search(text):
            some = known[page.stem]
            span = f"{some[0]} to {some[-1]} have" if len(some) > 1 else f"{some[0]} has"
            yield page, text, SENTENCE.sub(f"Of the kernels we read, Linux {span} them", text)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.wordings", description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    late = [(page, wanted) for page, text, wanted in pages() if text != wanted]
    for page, wanted in late:
        print(f"{page.relative_to(HERE)}: out of date" if check else page.relative_to(HERE))
        if not check:
            page.write_text(wanted)
    return int(check and bool(late))


if __name__ == "__main__":
    sys.exit(main())
