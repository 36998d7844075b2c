"""Texts that a program did not load with are remembered, for the same file before the same kernel only."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor.experiments.failures import Failures

EDITED = {"/tmp/a.c": "int x;\n"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def remembered(identity: str = "6.18", elf: bytes = b"elf") -> Failures:
    failures = Failures(identity, elf)
    failures.add(EDITED, "count")
    failures.save()
    return failures


def test_another_run_knows_what_failed() -> None:
    remembered()
    again = Failures("6.18", b"elf")
    assert again.has(EDITED, "count")
    assert not again.has(EDITED, "other")
    assert not again.has({"/tmp/a.c": "int y;\n"}, "count")


@pytest.mark.parametrize(("identity", "elf"), [("7.3", b"elf"), ("6.18", b"another"), ("", b"elf")])
def test_another_kernel_or_file_knows_nothing(identity: str, elf: bytes) -> None:
    remembered()
    assert not Failures(identity, elf).has(EDITED, "count")


@pytest.mark.parametrize(("identity", "elf"), [("", b"elf"), ("6.18", b"")])
def test_what_has_no_identity_is_not_kept(identity: str, elf: bytes) -> None:
    assert not remembered(identity, elf).has(EDITED, "count")


def test_a_broken_entry_is_none(tmp_path: Path) -> None:
    remembered()
    (entry,) = tmp_path.rglob("failed-*.json")
    entry.write_bytes(b"{]\nend")
    assert not Failures("6.18", b"elf").has(EDITED, "count")
