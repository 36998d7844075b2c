"""The examples of the paste page: site/examples.toml names files of the corpus; our marks are taken off."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.readme import MARK, ROOT

LIST = ROOT / "site" / "examples.toml"


@dataclass(frozen=True, slots=True)
class Example:
    """`log` and `source` are names of files in the site's folder examples/; `source` may be ""."""

    title: str
    log: str
    source: str
    texts: dict[str, str]  # what each of these files says


def examples() -> Iterator[Example]:
    for number, entry in enumerate(tomllib.loads(LIST.read_text(encoding="utf-8"))["example"], 1):
        log = _text(entry["log"])
        texts = {f"{number}.log": log}
        if "source" in entry:
            suffixes = "".join(Path(entry["source"]).suffixes)
            texts[f"{number}{suffixes}"] = _text(entry["source"])
        yield Example(
            entry["title"], f"{number}.log", next(iter(texts.keys() - {f"{number}.log"}), ""), texts
        )


def _text(pattern: str) -> str:
    """The one file that fits. Raises ValueError for none and for several."""
    (path,) = (ROOT / "corpus").glob(pattern)
    return MARK.sub("", path.read_text(encoding="utf-8"))
