"""`python -m scripts.toolchain_messages`: fetches the tools and writes corpus/toolchain_messages.json."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from scripts.debian_packages import Store
from scripts.toolchain_messages import listing, tools
from scripts.toolchain_messages.render import pattern


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.toolchain_messages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the list is not what the tools say")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="compare with somebody else's list")
    options = parser.parse_args()
    if options.compare:
        print(_compare(listing.load(), json.loads(options.compare.read_text())["messages"]))
        return 0
    complaints: list[str] = []
    made = listing.write(listing.build(tools.everything(Store(), complaints)))
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    if options.check:
        same = listing.path().read_text() == made
        print("the list is up to date" if same else "the list is out of date: run `make messages`")
        return 0 if same and not complaints else 1
    if complaints:
        print("nothing written: a tool that could not be read would vanish from the list", file=sys.stderr)
        return 1
    listing.path().write_text(made)
    print(f"{listing.path()}: {made.count(chr(10))} lines")
    return 0


def _compare(ours: dict[str, Any], theirs: list[dict[str, Any]]) -> str:
    """Found by both: the same format, or theirs is something that one of ours prints."""
    rows = ["tool           both  only ours  only theirs"]
    differences = []
    for tool in ours["versions"]:
        mine = {_plain(message["format"]) for message in ours["messages"] if message["tool"] == tool}
        yours = {_plain(message["format"]) for message in theirs if message["tool"] == tool}
        shapes = [re.compile(pattern(tool, format)) for format in mine if len(format) > 12]
        missing = {text for text in yours - mine if not any(shape.fullmatch(text) for shape in shapes)}
        rows.append(f"{tool:<12} {len(yours - missing):>6} {len(mine - yours):>10} {len(missing):>12}")
        differences += [f"only theirs: {tool}: {format!r}" for format in sorted(missing)]
    return "\n".join(rows + differences)


def _plain(format: str) -> str:
    """Without what lists may differ in: prefixes, spaces around, escaped quotes."""
    return re.sub(r"^(libbpf: |Error: )", "", format.strip().replace("\\'", "'").replace('\\"', '"'))


if __name__ == "__main__":
    sys.exit(main())
