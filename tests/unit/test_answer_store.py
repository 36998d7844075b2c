"""What `check` keeps of its answers, and when it does not use it."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import pytest

from bpfdoctor import model_json, pipeline, resources
from bpfdoctor.cli import answer_store
from bpfdoctor.cli.answer_store import Store
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.report import CaptureOptions, Flavour, Verdict
from bpfdoctor.render import FORMATS, render
from tests.cli.command import a_log_of_each_rule

OPTIONS = CaptureOptions(environment={"PATH": "/usr/bin"})


class Asked:
    """A file that is looked at: what it and its neighbours hold; and how often that was done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = str(folder / "a.c")
        self.last: list[Report] = []
        (folder / "a.c").write_text("a")

    def __call__(
        self, more: str = "", options: CaptureOptions = OPTIONS, verdict: Verdict = Verdict.LOADS
    ) -> str:
        """`kept` or `new`."""
        store = Store([self.path], lambda _: options, [more])
        if (found := store.found(self.path)) is not None:
            assert found == self.last
            return "kept"
        self.last = store.examined(self.path, lambda source: self._examined(source, verdict))
        return "new"

    def _examined(self, source: str, verdict: Verdict) -> list[Report]:
        text = Path(source).read_text()
        beside = Path(source).with_name("beside.h")
        note = beside.read_text() if beside.is_file() else ""
        return [Report(source, Flavour.LIBBPF, verdict, notes=(text, note, *sorted(os.listdir(self.folder))))]


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("bpfdoctor.looked_at._YOUNG", -(10**12))  # as if it had been written long ago
    monkeypatch.setattr("bpfdoctor.looked_at._watch.before", None)
    (tmp_path / "sources").mkdir()
    return Asked(tmp_path / "sources")


def test_what_has_not_changed_is_not_looked_at_again(asked: Asked) -> None:
    assert [asked(), asked(), asked()] == ["new", "kept", "kept"]


CHANGES: dict[str, Callable[[Path], object]] = {
    "the file": lambda folder: (folder / "a.c").write_text("b"),
    "a file that was looked for": lambda folder: (folder / "beside.h").write_text("x"),
    "a folder that was listed": lambda folder: (folder / "c").write_text(""),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_has_changed_is_looked_at_again(asked: Asked, change: Callable[[Path], object]) -> None:
    asked()
    change(asked.folder)
    assert [asked(), asked()] == ["new", "kept"]


def test_other_options_are_another_question(asked: Asked) -> None:
    assert [asked(), asked("more"), asked(options=CaptureOptions(defines=("A",)))] == ["new"] * 3
    other_clang = CaptureOptions(environment={"PATH": "/usr/bin", "CPATH": "/x"})
    assert [asked(options=other_clang), asked()] == ["new", "kept"]


@pytest.mark.parametrize("verdict", [Verdict.NOT_COMPILED, Verdict.NOT_LOADED, Verdict.NO_ANSWER])
def test_what_depends_on_the_moment_is_not_kept(asked: Asked, verdict: Verdict) -> None:
    assert [asked(verdict=verdict), asked(verdict=verdict)] == ["new", "new"]


def test_what_was_written_while_it_was_looked_at_is_not_kept(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bpfdoctor.looked_at._YOUNG", 10**12)
    assert [asked(), asked()] == ["new", "new"]


def entry() -> Path:
    folder = resources.cache_dir()
    assert folder is not None
    [path] = (folder / "checked").glob("*.json")
    return path


def signed(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).hexdigest().encode() + b"\n" + text + b"\nend"


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "cut": lambda data: data[: len(data) // 2],
    "changed": lambda data: data.replace(b"loads", b"l0ads").replace(b"LOADS", b"L0ADS"),
    "no JSON": lambda data: signed(b"["),
    "another shape": lambda data: signed(b'[[], "7"]'),
    "a class that is no value": lambda data: signed(
        b'[[], "[{\\"r\\":\\"os.system\\",\\"v\\":[\\"id\\"]}]"]'
    ),
    "deep": lambda data: signed(b"[[], " + b"[" * 100_000),
    "fields missing": lambda data: signed(
        b'[[], "[{\\"t\\":[{\\"r\\":\\"diagnosis.Report\\",\\"v\\":[]},[]]}]"]'
    ),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_a_broken_entry_is_ignored(asked: Asked, broken: Callable[[bytes], bytes]) -> None:
    asked()
    entry().write_bytes(broken(entry().read_bytes()))
    assert [asked(), asked()] == ["new", "kept"]


def test_an_entry_that_others_could_have_written_is_ignored(asked: Asked) -> None:
    asked()
    entry().chmod(0o666)
    assert asked() == "new"


def test_the_oldest_go(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    for more in "abc":
        asked(more)
    asked("a")  # asked for again
    monkeypatch.setattr(answer_store, "_MOST_ENTRIES", 2)
    Store.prune()
    assert [asked("a"), asked("c"), asked("b")] == ["kept", "kept", "new"]
    assert answer_store.cleared() == 3 and asked("a") == "new"


def _identical(report: Report) -> None:
    read = answer_store._with_pictures(
        *model_json.read(model_json.written(answer_store._drawn_alone(report)))
    )
    for form in FORMATS:
        assert render([read], form) == render([report], form), form


def test_every_format_shows_a_kept_answer_as_a_new_one() -> None:
    """The smallest log of each rule, and its drawings."""
    reports = [report for log in a_log_of_each_rule()[::6] for report in pipeline.read_log(log)]
    assert len(reports) > 40
    for report in reports:
        _identical(report)
