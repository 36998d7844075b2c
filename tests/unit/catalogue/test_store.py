"""Reading the rule files, and the cache of what was compiled from them."""

import os
import sys
from pathlib import Path

import pytest

from bpfdoctor.catalogue import Catalogue, RuleError, store
from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import ErrorBlock
from tests.unit.catalogue.books import match, write

RULE = ("memory/first", "BD101", match("{reg:arg} is wrong"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cache").mkdir()
    return write(tmp_path / "rules", RULE)


def found(folder: Path, cache: Path | None) -> str:
    rules = Catalogue(store.load(folder, cache), folder)
    return rules.find(ErrorBlock(("R1 is wrong",), Stage.VERIFIER)).rule


def test_a_second_start_reads_no_toml(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    assert found(folder, cache) == "first"
    monkeypatch.setitem(sys.modules, "tomllib", None)  # importing it fails from here on
    monkeypatch.setitem(sys.modules, "lark", None)
    assert found(folder, cache) == "first"
    rules = Catalogue(store.load(folder, cache), folder)
    assert rules.rule("bd101").name == "first"
    assert [rule.id for rule in rules.rules] == ["BD101"]


def test_a_changed_rule_is_seen(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert found(folder, cache) == "first"
    os.rename(folder / "memory" / "first.md", folder / "memory" / "second.md")
    assert found(folder, cache) == "second"


def test_an_edit_of_the_same_size_is_seen(folder: Path, tmp_path: Path) -> None:
    cache, file = tmp_path / "cache", folder / "memory" / "first.md"
    assert found(folder, cache) == "first"
    file.write_text(file.read_text().replace("is wrong", "is right"))
    os.utime(file, ns=(1, 1))
    assert found(folder, cache) == "unknown-message"


@pytest.mark.parametrize("cut", [0, 1, 10, -1, -5, -40])
def test_a_damaged_cache_is_made_again(folder: Path, tmp_path: Path, cut: int) -> None:
    cache = tmp_path / "cache"
    assert found(folder, cache) == "first"
    (file,) = cache.iterdir()
    file.write_bytes(file.read_bytes()[:cut])
    assert found(folder, cache) == "first"
    assert file.read_bytes().endswith(b"\nend")


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"[]\n[]\n[]\nend", b'"x"\n', b"\n\n\n"])
def test_a_foreign_file_in_its_place_is_replaced(folder: Path, tmp_path: Path, content: bytes) -> None:
    cache = tmp_path / "cache"
    found(folder, cache)
    (file,) = cache.iterdir()
    file.write_bytes(content)
    assert found(folder, cache) == "first"


def test_no_cache_folder_and_one_that_cannot_be_written_are_fine(folder: Path, tmp_path: Path) -> None:
    assert found(folder, None) == "first"
    assert found(folder, tmp_path / "is" / "not" / "there") == "first"


def test_everything_that_is_wrong_is_told_at_once(folder: Path) -> None:
    (folder / "memory" / "bad.md").write_text("+++\nid = 'BD102'\ntypo = 1\n+++\n")
    (folder / "memory" / "Worse.md").write_text("no head at all")
    (folder / "memory" / "worst.md").write_text("no head at all")
    (folder / "remarks.toml").write_text("[all]\nlines = ['{a']\n[more]\nline = 3\n")
    with pytest.raises(RuleError) as raised:
        store.load(folder, None)
    told = "\n".join(raised.value.sentences)
    assert "rules/memory/bad.md: unknown key 'typo'; keys are id, title" in told
    assert "rules/memory/bad.md: title is missing or not a string" in told
    assert "rules/memory/Worse.md: the file's name is the rule's name" in told
    assert "rules/memory/worst.md: the file must begin with its head" in told
    assert "rules/remarks.toml: [all]: '{a': it makes no sense" in told
    assert "rules/remarks.toml: [more]: a table has lines" in told
