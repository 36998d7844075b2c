"""`python -m scripts.kernel_messages`: fetches the kernels and writes corpus/messages.json."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scripts.debian_packages import Store
from scripts.kernel_messages import compare, kernels, listing


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.kernel_messages", description=__doc__)
    parser.add_argument("--refresh", action="store_true", help="ask Debian for newer packages first")
    parser.add_argument(
        "--check", action="store_true", help="fail if the list in the repository is not what the kernels say"
    )
    parser.add_argument(
        "--compare", type=Path, metavar="FILE", help="compare the list with somebody else's and write nothing"
    )
    options = parser.parse_args()
    if options.compare:
        print(compare.report(listing.load(), options.compare))
        return 0
    complaints: list[str] = []
    trees = kernels.trees(Store(), complaints, options.refresh)
    together = listing.build(trees, complaints)
    if listing.path().exists():
        listing.keep(listing.load(), together)
    made = listing.dump(together)
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    if options.check:
        same = listing.path().read_text() == made
        print("the list is up to date" if same else "the list is out of date: run `make messages`")
        return 0 if same and not complaints else 1
    listing.path().write_text(made)
    print(f"{listing.path()}: {made.count(chr(10))} lines, {len(complaints)} complaints")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
