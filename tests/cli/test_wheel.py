"""What users install: the wheel has what runs and no more, answers as the checkout does, compiles nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from scripts import wheel
from tests.cli.command import READ_OK, a_log_of_each_rule, bpfdoctor, environment

# Fails where something is compiled that the wheel should bring: jinja2 has one door, and lark is not needed.
NOTHING_IS_COMPILED = """
import sys
import jinja2
def never(*arguments, **_):
    raise SystemExit(f"compiled at run time: {str(arguments[-1])[:300]!r}")
jinja2.Environment.compile = never
sys.modules["tomllib"] = sys.modules["lark"] = None
from bpfdoctor.cli.run import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(built) as file:
        file.extractall(folder)
    return folder


def run(
    installed: Path, *arguments: str, script: str = NOTHING_IS_COMPILED, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`bpfdoctor ARGUMENTS` as it is installed, away from the checkout."""
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        input=READ_OK,
        capture_output=True,
        text=True,
        env=environment({"PYTHONPATH": str(installed), "XDG_CACHE_HOME": "/proc/nowhere", **(env or {})}),
        cwd=installed,
        check=False,
        timeout=300,
    )


def test_it_has_what_runs_and_no_more(built: Path) -> None:
    assert list(wheel.mistakes(built)) == []


def test_what_is_missing_or_too_much_is_told(built: Path, tmp_path: Path) -> None:
    changed = tmp_path / built.name
    with zipfile.ZipFile(built) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            if "/pages.jsonl" not in name:
                new.writestr(name, old.read(name))
        for number in range(900):
            new.writestr(f"corpus/cases/{number}.log", os.urandom(3500))
    told = list(wheel.mistakes(changed))
    assert f"{built.name}: bpfdoctor/_data/compiled/pages.jsonl is missing" in told
    assert f"{built.name}: corpus/cases/7.log is in it" in told
    assert any("bytes; 3,000,000 is the limit" in sentence for sentence in told)
    assert any("files; 900 is the limit" in sentence for sentence in told)


def test_two_builds_give_the_same_wheel(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    assert wheel.build(tmp_path).read_bytes() == built.read_bytes()


@pytest.mark.parametrize("form", ["full", "html"])
def test_it_answers_as_the_checkout_does_and_compiles_nothing(installed: Path, form: str) -> None:
    asked = ("log", *a_log_of_each_rule(), "--output-format", form, "--width", "100")
    assert len(asked) > 150
    done = run(installed, *asked)
    assert done.stdout == bpfdoctor(*asked).out, done.stderr


@pytest.mark.parametrize("asked", [("explain", "packet-bounds"), ("explain", "R1 !read_ok"), ("rules",)])
def test_pages_and_lists_are_the_checkouts(installed: Path, asked: tuple[str, ...]) -> None:
    done = run(installed, *asked)
    assert (done.returncode, done.stdout) == (0, bpfdoctor(*asked).out), done.stderr


def test_nothing_is_kept_in_the_cache_folder(installed: Path, tmp_path: Path) -> None:
    done = run(installed, "log", env={"XDG_CACHE_HOME": str(tmp_path)})
    assert done.returncode == 1, done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_another_lark_or_jinja2_than_the_builders_answers_the_same(installed: Path) -> None:
    other = (
        "import jinja2, lark, sys; jinja2.__version__ = lark.__version__ = '9'; "
        "from bpfdoctor.cli.run import main; sys.exit(main(sys.argv[1:]))"
    )
    assert run(installed, "log", script=other).stdout == run(installed, "log").stdout
    assert "R3" in run(installed, "log").stdout


def test_work_on_rules_needs_a_checkout(installed: Path) -> None:
    done = run(installed, "dev", "check")
    assert done.returncode == 2
    assert "needs the folder rules of bpfdoctor's repository" in done.stderr


def test_a_log_needs_no_pathlib(installed: Path) -> None:
    """Its import costs half a bare Python."""
    without = "import sys; sys.modules['pathlib'] = None; from bpfdoctor.cli.run import main; main(['log'])"
    assert run(installed, script=without).stdout == run(installed, "log").stdout
