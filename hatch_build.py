"""Compiles the rules, pages, grammars and templates into the wheel, so that no start of bpfdoctor has to; and
writes the man page.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledData(BuildHookInterface[Any]):
    """Puts what `compiled_data` makes into the wheel, as bpfdoctor/_data/compiled/."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":  # a checkout compiles what changed, when it changed
            return
        sys.path.insert(0, self.root)
        _leave_no_bytecode()
        self._folder = Path(tempfile.mkdtemp(prefix="bpfdoctor-build-"))
        for name, data in compiled_data(Path(self.root)).items():
            (self._folder / name).write_bytes(data)
            build_data["force_include"][str(self._folder / name)] = f"bpfdoctor/_data/compiled/{name}"
        from scripts import man_page

        (self._folder / "bpfdoctor.1").write_text(man_page.page(), encoding="ascii")
        build_data["shared_data"][str(self._folder / "bpfdoctor.1")] = "share/man/man1/bpfdoctor.1"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            shutil.rmtree(self._folder)


def _leave_no_bytecode() -> None:
    """`sudo pip install .` must not leave files of root's in a user's checkout."""
    sys.dont_write_bytecode = True
    own = Path(cache_from_source(__file__))  # written before this line ran
    own.unlink(missing_ok=True)
    with suppress(OSError):  # others' are in it
        own.parent.rmdir()


def compiled_data(root: Path) -> dict[str, bytes]:
    """Name and content of each file, made from the sources in `root`."""
    from bpfdoctor import grammar, texts
    from bpfdoctor.analysis import explain
    from bpfdoctor.catalogue import Catalogue, store, topics
    from bpfdoctor.render import environment

    stored = store.compile_folder(root / "rules")
    rules = Catalogue(stored, root / "rules")
    in_order = [rules.rule(name) for name, _, _ in stored.names]
    files = {
        "catalogue.jsonl": store.packed(stored),
        "pages.jsonl": "\n".join(json.dumps(rules.page(rule)) for rule in in_order).encode("ascii"),
        "topics.jsonl": topics.packed(topics.read(root / "topics")),
        "rules-templates.jsonl": texts.packed(
            explain.environment(), [text for rule in in_order for text in explain.templates(rule)]
        ),
    }
    files["html-templates.jsonl"] = texts.packed(environment.environment(), environment.NAMES)
    for name, starts in grammar.STARTS.items():
        files |= {grammar.compiled_name(name, start): grammar.tables(name, start) for start in starts}
    return files
