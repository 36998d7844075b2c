"""Reading the rule files, and the cache of what was compiled from them."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from bpfdoctor.catalogue import Catalogue, RuleError, store
from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import ErrorBlock
from tests.unit.catalogue.books import match, write

RULE = ("memory/first", "BD101", match("{reg:arg} is wrong"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "bpfdoctor"


@pytest.fixture
def folder(tmp_path: Path, cache: Path) -> Path:
    return write(tmp_path / "rules", RULE)


def found(folder: Path) -> str:
    rules = Catalogue(store.load(folder), folder)
    return rules.find(ErrorBlock(("R1 is wrong",), Stage.VERIFIER)).rule


def test_a_second_start_reads_no_toml(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(folder) == "first"
    monkeypatch.setitem(sys.modules, "tomllib", None)  # importing it fails from here on
    monkeypatch.setitem(sys.modules, "lark", None)
    assert found(folder) == "first"
    rules = Catalogue(store.load(folder), folder)
    assert rules.rule("bd101").name == "first"
    assert [rule.id for rule in rules.rules] == ["BD101"]


def test_a_changed_rule_is_seen(folder: Path) -> None:
    assert found(folder) == "first"
    os.rename(folder / "memory" / "first.md", folder / "memory" / "second.md")
    assert found(folder) == "second"


def test_an_edit_of_the_same_size_and_time_is_seen(folder: Path) -> None:
    file = folder / "memory" / "first.md"
    assert found(folder) == "first"
    before = file.stat().st_mtime_ns
    file.write_text(file.read_text().replace("is wrong", "is right"))
    os.utime(file, ns=(before, before))
    assert found(folder) == "unknown-message"


def test_two_checkouts_leave_each_others_entry_alone(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other" / "rules"))
    assert found(folder) == found(other) == "first"
    monkeypatch.setattr(store, "compile_folder", lambda _: pytest.fail("compiled again"))
    assert found(folder) == found(other) == "first"


@pytest.mark.parametrize("cut", [0, 1, 10, -1, -5, -40])
def test_a_damaged_entry_is_made_again(folder: Path, cache: Path, cut: int) -> None:
    assert found(folder) == "first"
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:cut])
    assert found(folder) == "first"
    assert file.read_bytes() == whole


@pytest.mark.parametrize("content", [b"", b"\x00" * 100, b"[]\n[]\n[]\nend", b'"x"\nend', b"\n\n\nend"])
def test_a_foreign_file_in_its_place_is_replaced(folder: Path, cache: Path, content: bytes) -> None:
    found(folder)
    (file,) = cache.iterdir()
    file.write_bytes(content)
    assert found(folder) == "first"
    assert file.read_bytes() != content


def test_a_cache_folder_that_cannot_be_made_is_fine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert found(folder) == "first"


def test_everything_that_is_wrong_is_told_at_once(folder: Path) -> None:
    (folder / "memory" / "bad.md").write_text("+++\nid = 'BD102'\ntypo = 1\n+++\n")
    (folder / "memory" / "Worse.md").write_text("no head at all")
    (folder / "memory" / "worst.md").write_text("no head at all")
    (folder / "remarks.toml").write_text("[all]\nlines = ['{a']\n[more]\nline = 3\n")
    with pytest.raises(RuleError) as raised:
        store.load(folder)
    told = "\n".join(raised.value.sentences)
    assert "rules/memory/bad.md: unknown key 'typo'; keys are id, title" in told
    assert "rules/memory/bad.md: title is missing or not a string" in told
    assert "rules/memory/Worse.md: the file's name is the rule's name" in told
    assert "rules/memory/worst.md: the file must begin with its head" in told
    assert "rules/remarks.toml: [all]: '{a': it ends too early" in told
    assert "rules/remarks.toml: [more]: a table has lines" in told
