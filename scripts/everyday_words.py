"""`python -m scripts.everyday_words`: counts the words of the verifier's messages in /usr/share/doc.

Prints those that many documents have, so that they tell nothing: bpfdoctor/catalogue/everyday.py has them.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bpfdoctor.catalogue import store
from bpfdoctor.catalogue.pieces import GAP
from bpfdoctor.resources import folder

OFTEN = 250 / 4304  # of the documents of Debian 12 with what `make setup` installs


def main() -> int:
    templates = json.loads(store.load(folder("rules")).pieces)
    words = {word for variants in templates for variant in variants for word in variant.split()} - {GAP}
    counts: Counter[str] = Counter()
    documents = 0
    for text in _texts(Path("/usr/share/doc")):
        documents += 1
        counts.update(words & set(re.findall(r"[a-z_]\w{0,60}", text.lower())))
    print(*sorted(word for word, count in counts.items() if count >= OFTEN * documents))
    return 0


def _texts(root: Path) -> Iterator[str]:
    for path in sorted(root.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        except OSError:
            continue
        if b"\0" not in data[:4000]:
            yield data.decode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main())
