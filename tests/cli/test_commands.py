"""The command line as a user meets it: help, versions, mistakes."""

from __future__ import annotations

import os
import subprocess
from typing import get_args

import pytest

from bpfdoctor import __version__
from bpfdoctor.cli.main import COMMANDS
from bpfdoctor.cli.output_options import Format
from bpfdoctor.cli.run import arguments
from bpfdoctor.render import FORMATS
from tests.cli.command import BPFDOCTOR, ROOT, bpfdoctor, environment


def test_version() -> None:
    for option in ("--version", "-V"):
        done = bpfdoctor(option)
        assert (done.status, done.out, done.err) == (0, f"bpfdoctor {__version__}\n", "")


def test_help_shows_every_command_and_the_exit_status() -> None:
    done = bpfdoctor("--help")
    assert done.status == 0
    for word in (*COMMANDS, "Examples:", "Exit status:", "| bpfdoctor"):
        assert word in done.out
    assert "..." not in done.out.split("Commands:")[1], "a command's short help is cut off"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str) -> None:
    done = bpfdoctor(command, "--help")
    assert done.status == 0 and "Examples:" in done.out and f"bpfdoctor {command}" in done.out


def test_without_arguments_on_a_terminal_there_is_help() -> None:
    master, terminal = os.openpty()
    done = subprocess.run(
        BPFDOCTOR, stdin=terminal, capture_output=True, env=environment(), cwd=ROOT, text=True, check=False
    )
    os.close(master)
    os.close(terminal)
    assert done.returncode == 2 and "Commands:" in done.stdout + done.stderr


def test_a_mistyped_command_is_guessed() -> None:
    done = bpfdoctor("chek", "x.c")
    assert done.status == 2 and "Did you mean 'check'?" in done.err


def test_a_file_in_place_of_a_command_is_explained() -> None:
    done = bpfdoctor("README.md")
    assert done.status == 2 and "`bpfdoctor check README.md`" in done.err


def test_an_unknown_option_is_a_usage_error() -> None:
    done = bpfdoctor("log", "--frobnicate")
    assert done.status == 2 and "--frobnicate" in done.err


def test_an_unknown_format_names_those_that_exist() -> None:
    done = bpfdoctor("log", "--output-format", "xml", stdin="x")
    assert done.status == 2 and "sarif" in done.err


def test_the_formats_offered_are_those_that_can_be_drawn() -> None:
    assert get_args(Format) == FORMATS


def test_check_needs_a_path() -> None:
    done = bpfdoctor("check")
    assert done.status == 2 and "PATH" in done.err


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ([], ["log"]),
        (["--output-format", "json"], ["log", "--output-format", "json"]),
        (["-"], ["log", "-"]),
        (["--help"], ["--help"]),
        (["--version"], ["--version"]),
        (["check", "x"], ["check", "x"]),
    ],
)
def test_a_bare_pipe_is_a_log(given: list[str], meant: list[str]) -> None:
    assert arguments(given, piped=True) == meant
    assert arguments(given, piped=False) == given
