"""What docs/ci.md tells people to paste, in a fresh repository, with the tools that it is for: from PyPI."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

from tests.cli.command import ROOT, environment
from tests.cli.test_paths import PROGRAM

pytestmark = pytest.mark.slow
TOOLS = ("pre-commit", "cmake", "meson", "ninja", "check-jsonschema")
BROKEN = PROGRAM.replace("return 2", "return two")


def blocks(language: str, document: str = "docs/ci.md") -> list[str]:
    """The blocks of a document in a language."""
    text = (ROOT / document).read_text()
    return [textwrap.dedent(found) for found in re.findall(rf"^```{language}\n(.*?)^```$", text, re.S | re.M)]


def block_with(language: str, words: str) -> str:
    (found,) = [block for block in blocks(language) if words in block]
    return found


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the tools, and bpfdoctor as people install it: a command on PATH."""
    folder = tmp_path_factory.mktemp("tools")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = folder / "venv/bin/pip"
    subprocess.run([pip, "install", "-q", "--disable-pip-version-check", *TOOLS], check=True)
    ours = folder / "venv/bin/bpfdoctor"
    ours.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m bpfdoctor "$@"\n')
    ours.chmod(0o755)
    return folder / "venv/bin"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A fresh repository with a program and a header that it includes."""
    folder = tmp_path / "it"
    for name, text in (
        ("src/pkt.bpf.c", '#include "own.h"\n' + PROGRAM),
        ("include/own.h", "#define two nothing\n"),
    ):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
    subprocess.run(["git", "init", "-q", folder], check=True)
    return folder


def run(tools: Path, folder: Path, *command: str | Path, **extra: str) -> tuple[int, str]:
    """The status of a command and what it printed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment({"PATH": f"{tools}:{os.environ['PATH']}", **extra}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def spoil(project: Path) -> None:
    (project / "src/pkt.bpf.c").write_text(BROKEN)


def test_make(tools: Path, project: Path) -> None:
    (project / "Makefile").write_text(block_with("make", "check-bpf"))
    assert run(tools, project, "make", "check-bpf")[0] == 0
    assert "Nothing to be done" in run(tools, project, "make", "check-bpf")[1]
    spoil(project)
    status, printed = run(tools, project, "make", "check-bpf")
    assert status == 2 and "compiler-error" in printed


def test_cmake(tools: Path, project: Path) -> None:
    (project / "CMakeLists.txt").write_text(block_with("cmake", "bpfdoctor"))
    assert run(tools, project, "cmake", "-S", ".", "-B", "build")[0] == 0
    tests = ("ctest", "--test-dir", "build", "--output-on-failure")
    status, printed = run(tools, project, *tests)
    assert status == 0 and "100% tests passed" in printed
    spoil(project)
    status, printed = run(tools, project, *tests)
    assert status == 8 and "compiler-error" in printed and "pkt.bpf.c (Failed)" in printed


def test_meson(tools: Path, project: Path) -> None:
    (project / "meson.build").write_text(block_with("meson", "bpfdoctor"))
    assert run(tools, project, "meson", "setup", "build")[0] == 0
    tests = ("meson", "test", "-C", "build", "--print-errorlogs")
    assert run(tools, project, *tests)[0] == 0
    spoil(project)
    status, printed = run(tools, project, *tests)
    assert status == 1 and "compiler-error" in printed


def test_pre_commit(tools: Path, project: Path) -> None:
    """The hooks of this commit: what is not committed is not tried."""
    revision = subprocess.check_output(["git", "-C", ROOT, "rev-parse", "HEAD"], text=True).strip()
    settings = yaml.safe_load(block_with("yaml", "bpfdoctor-compile"))
    settings["repos"][0] |= {"repo": f"file://{ROOT}", "rev": revision}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(settings))
    (project / "src/-oevil.bpf.c").write_text(PROGRAM)
    git = ("git", "-c", "user.name=you", "-c", "user.email=you@example.org", "-c", f"safe.directory={ROOT}")
    home = {"PRE_COMMIT_HOME": str(project.parent / "home")}
    assert run(tools, project, "pre-commit", "install")[0] == 0
    assert run(tools, project, "git", "add", ".")[0] == 0
    status, printed = run(tools, project, *git, "commit", "-m", "A program", **home)
    assert status == 0 and re.search(r"^bpfdoctor \(compile only\)\.+Passed$", printed, re.M), printed
    spoil(project)
    status, printed = run(tools, project, *git, "commit", "-am", "A mistake", **home)
    assert status == 1 and "src/pkt.bpf.c:2:" in printed and "compiler-error" in printed
    assert run(tools, project, "pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")[0] == 0


def test_gitlab(tools: Path, project: Path) -> None:
    job = yaml.safe_load((ROOT / "gitlab-ci.yml").read_text())
    (project / "src/a b.bpf.c").write_text(BROKEN)
    given = job["variables"] | {"BPFDOCTOR_PATHS": "'src/**/*.bpf.c'", "BPFDOCTOR_ARGS": "-I include"}
    (script,) = job["bpfdoctor"]["script"]
    status, printed = run(tools, project, "bash", "-eo", "pipefail", "-c", script, **given)
    assert status == 1 and "compiler-error" in printed
    reports = job["bpfdoctor"]["artifacts"]["reports"]
    assert '"path": "src/a b.bpf.c"' in (project / reports["codequality"]).read_text()
    assert 'failures="1"' in (project / reports["junit"]).read_text()
    assert (project / reports["dotenv"]).read_text().startswith("BPFDOCTOR_programs=2\nBPFDOCTOR_refused=1\n")
    nothing = given | {"BPFDOCTOR_PATHS": "nowhere/*.bpf.c"}
    status, printed = run(tools, project, "bash", "-eo", "pipefail", "-c", script, **nothing)
    assert status == 2 and "No file matches nowhere/*.bpf.c." in printed


def test_what_their_own_schemas_say(tools: Path, tmp_path: Path) -> None:
    documents = ("docs/ci.md", "README.md", "docs/site.md")
    written = [block for document in documents for block in blocks("yaml", document)]
    workflows = [block for block in written if re.search(r"^on:", block, re.M)]
    assert len(workflows) >= len(documents)
    for number, block in enumerate(workflows):
        (tmp_path / f"{number}.yml").write_text(block)
    for schema, files in (
        ("github-workflows", sorted(tmp_path.glob("*.yml"))),
        ("github-actions", [ROOT / "action.yml"]),
        ("gitlab-ci", [ROOT / "gitlab-ci.yml"]),
    ):
        status, printed = run(
            tools, tmp_path, "check-jsonschema", "--builtin-schema", f"vendor.{schema}", *files
        )
        assert status == 0, printed
