"""Colour and width: what the terminal, the environment and the options decide."""

from __future__ import annotations

import io
import os
import pty
import struct
import subprocess
from fcntl import ioctl
from termios import TIOCSWINSZ

import pytest
from rich.cells import cell_len

from bpfdoctor.cli import terminal
from tests.cli.command import BPFDOCTOR, READ_OK, ROOT, bpfdoctor, environment


def in_terminal(*arguments: str, columns: int = 80, env: dict[str, str] | None = None) -> str:
    """What the command writes to a real terminal of that width."""
    master, slave = pty.openpty()
    ioctl(slave, TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(
        [*BPFDOCTOR, *arguments],
        stdin=subprocess.PIPE,
        stdout=slave,
        stderr=subprocess.DEVNULL,
        env=environment({"TERM": "xterm-256color"} | (env or {})),
        cwd=ROOT,
    )
    os.close(slave)
    assert process.stdin is not None
    process.stdin.write(READ_OK.encode())
    process.stdin.close()
    out = b""
    try:
        while part := os.read(master, 65536):
            out += part
    except OSError:  # Linux says EIO at the end of a terminal
        pass
    os.close(master)
    process.wait()
    return out.decode().replace("\r\n", "\n")


def test_a_log_that_is_pasted_ends_with_one_ctrl_d() -> None:
    master, slave = pty.openpty()
    reading = subprocess.Popen(
        [*BPFDOCTOR, "log"], stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    assert reading.stderr is not None and b"Ctrl-D" in reading.stderr.readline()
    os.write(master, READ_OK.encode() + b"\x04")
    out, _ = reading.communicate(timeout=20)
    os.close(master)
    os.close(slave)
    assert reading.returncode == 1 and out.startswith(b"error[BD201]")


def test_a_terminal_gets_colour() -> None:
    assert in_terminal().startswith("\x1b[1;31merror[BD")


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_the_environment_can_switch_colour_off(env: dict[str, str]) -> None:
    assert "\x1b" not in in_terminal(env=env)


def test_an_option_wins_over_the_environment() -> None:
    assert "\x1b[" in in_terminal("--color", "always", env={"NO_COLOR": "1"})
    assert "\x1b" not in in_terminal("--color", "never", env={"FORCE_COLOR": "1"})


def test_a_pipe_gets_no_colour_unless_forced() -> None:
    assert "\x1b" not in bpfdoctor(stdin=READ_OK).out
    assert "\x1b[" in bpfdoctor(stdin=READ_OK, env={"FORCE_COLOR": "1"}).out
    assert "\x1b[" in bpfdoctor("--color", "always", stdin=READ_OK).out


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_lines_fit_the_terminal(columns: int) -> None:
    text = in_terminal("--color", "never", columns=columns)
    assert max(map(cell_len, text.splitlines())) <= columns


def test_columns_and_width_decide_for_a_pipe() -> None:
    narrow = bpfdoctor(stdin=READ_OK, env={"COLUMNS": "50"}).out
    assert max(map(len, narrow.splitlines())) <= 50
    assert bpfdoctor("--width", "50", stdin=READ_OK).out == narrow


def test_explain_is_drawn_on_a_terminal_and_markdown_in_a_pipe() -> None:
    assert bpfdoctor("explain", "packet-bounds").out.startswith("# packet-bounds")
    drawn = in_terminal("explain", "packet-bounds")
    assert "\x1b[" in drawn and "# packet-bounds" not in drawn


def test_force_color_zero_forces_nothing() -> None:
    assert not terminal.color("auto", io.StringIO(), {"FORCE_COLOR": "0"})
    assert terminal.color("auto", io.StringIO(), {"FORCE_COLOR": "3"})


@pytest.mark.parametrize(
    ("environ", "is_unicode"),
    [
        ({}, True),  # a container without a locale
        ({"LANG": "C"}, False),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),  # what Python makes of LANG=C by itself
        ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, True),
        ({"LANG": "C", "PYTHONIOENCODING": "utf-8"}, True),
        ({"LANG": "C.UTF-8"}, True),
    ],
)
def test_who_asks_for_the_c_locale_gets_ascii(environ: dict[str, str], is_unicode: bool) -> None:
    assert terminal.unicode(io.TextIOWrapper(io.BytesIO(), "utf-8"), environ) is is_unicode
    assert not terminal.unicode(io.TextIOWrapper(io.BytesIO(), "latin-1"), {})


def test_ascii_is_drawn_where_it_is_asked_for() -> None:
    log = next(iter((ROOT / "corpus/cases/packet-bounds/udp-after-ip-check/logs").glob("6.1.*.log")))
    done = bpfdoctor("log", "--ascii", log)
    assert done.status == 1 and done.out.isascii() and "\n   +- " in done.out and "\\u" not in done.out
    assert not bpfdoctor("log", log).out.isascii()
