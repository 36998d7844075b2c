"""Labels of others are corrected one by one, each with a reason, and counted as corrected."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from scripts.accuracy import Correction, corrections, labelled

CASES = Path(__file__).parents[3] / "corpus" / "cases"
LOG = CASES / "stale-packet-pointer/read-after-store/logs/6.18.15-l2.log"
STORE, USE = 14, 15  # bpf_skb_store_bytes, and the read after it


def test_every_correction_says_what_and_why() -> None:
    for log, each in corrections().items():
        assert (each.refused, each.root, each.line) != (None, None, None), log
        assert each.why[0].isupper() and each.why.endswith("."), log


def _roots(tmp_path: Path, corrected: Mapping[str, Correction]) -> tuple[int, int]:
    """(hits, total) of the same instruction, where the label names the use."""
    shutil.copy(LOG, tmp_path / "one.log")
    label = {
        "id": "one",
        "file": "one.log",
        "kind": "replayed",
        "layer": "source_bug",
        "rejected_insn": USE,
        "root_cause_insn": USE,
        "root_cause_line": None,
    }
    (tmp_path / "index.json").write_text(json.dumps([label]))
    scores = {each.title: each for each in labelled(tmp_path, corrected)}
    assert scores["refused"].misses == []
    score = scores["root cause, same instruction"]
    return score.hits.total(), score.total.total()


def test_a_corrected_label_is_what_counts(tmp_path: Path) -> None:
    assert _roots(tmp_path, {}) == (0, 1)
    assert _roots(tmp_path, {"one": Correction("one", "Lost in the call.", root=STORE)}) == (1, 1)
    assert _roots(tmp_path, {"another": Correction("another", "Of no concern.", root=STORE)}) == (0, 1)
