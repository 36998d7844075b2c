"""What must not be loaded: every module costs each `bpfdoctor log` milliseconds that its budget lacks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.cli.command import READ_OK, ROOT, environment

# Nobody needs these to read a log.
NEVER = {
    "lark",  # makes the tables of grammars, for a wheel or the cache
    "jinja2",
    "dataclasses",  # and with it inspect, ast and dis: model/record.py
    "pydantic",  # typer 0.29 and later import it
    "click",  # typer 0.28 brings its own copy
    "rich.console",
    "rich.markdown",
    "tree_sitter",
    "elftools",
    "ctypes",
    "asyncio",
    "tomllib",
    "xml",
    "html",
    "http",
    "ssl",
    "email",
    "multiprocessing",
    "concurrent.futures",
    "unittest",
    "importlib.metadata",
    "bpfdoctor.lab",
    "bpfdoctor.capture.clang",
    "bpfdoctor.capture.bcc",
    "bpfdoctor.capture.libbpf",
    "bpfdoctor.catalogue.guard",
    "bpfdoctor.source.csyntax",
    "bpfdoctor.formats.btf",
}
# And these not even to print the version.
VERSION = NEVER | {"rich", "json", "mmap", "bpfdoctor.pipeline", "bpfdoctor.render"}


def loaded(*arguments: str) -> set[str]:
    """The modules in the process after the command has run."""
    script = (
        "import sys; from bpfdoctor.cli.run import main; main(sys.argv[1:]); "
        "print('\\n'.join(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        input=READ_OK,
        capture_output=True,
        text=True,
        env=environment(),
        cwd=ROOT,
        check=True,
    )
    return set(done.stderr.split())


# And these not to say that a program loads.
LOADS = {
    "typer",
    "dataclasses",
    "difflib",
    "json",
    "bpfdoctor.log",
    "bpfdoctor.trace",
    "bpfdoctor.catalogue",
    "bpfdoctor.analysis",
    "bpfdoctor.experiments",
    "bpfdoctor.fixes",
    "bpfdoctor.machine",
    "bpfdoctor.lab",
}


@pytest.mark.parametrize(
    ("arguments", "never"),
    [(("--version",), VERSION), (("log",), NEVER | {"typer"}), (("log", "--exit-zero"), NEVER)],
)
def test_nothing_heavy_is_loaded(arguments: tuple[str, ...], never: set[str]) -> None:
    loaded(*arguments)  # the first run after a change reads all rules and keeps the result
    modules = loaded(*arguments)
    assert not modules & never, f"bpfdoctor {' '.join(arguments)} loads {sorted(modules & never)}"


@pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")
def test_a_program_that_loads_needs_no_reader_and_no_rules() -> None:
    modules = loaded("check", str(ROOT / "corpus/cases/packet-bounds/udp-after-ip-check/fixed.bpf.c"))
    assert "bpfdoctor.capture.libbpf" in modules
    assert not modules & LOADS, f"bpfdoctor check loads {sorted(modules & LOADS)}"


def test_colour_does_not_need_the_console() -> None:
    assert "rich.console" not in loaded("log", "--color", "always")
