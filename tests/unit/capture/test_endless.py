"""A header that has no end costs neither memory nor a minute, and is named."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bpfdoctor.model.problem import Problem
from tests.unit.capture.running import Check

PROGRAM = (
    '#include <linux/bpf.h>\n__attribute__((section("xdp"), used)) int f(struct xdp_md *c) { return 2; }\n'
)


def a_link_to_a_fifo(path: Path) -> None:
    os.mkfifo(path.with_name("f"))
    path.symlink_to(path.with_name("f"))


HEADERS: dict[str, Callable[[Path], object]] = {"fifo": os.mkfifo, "link to a fifo": a_link_to_a_fifo}


@pytest.mark.parametrize("kind", HEADERS)
@pytest.mark.parametrize("include", ['#include "x.h"', '#define X "x.h"\n#include X'])
def test_a_header_without_an_end_is_named(check: Check, tmp_path: Path, kind: str, include: str) -> None:
    HEADERS[kind](tmp_path / "x.h")
    started = time.monotonic()
    with pytest.raises(Problem, match=r"x\.h, (?:a link to .*|a FIFO).*has no end"):
        check("a.bpf.c", f"{include}\n{PROGRAM}", load=False)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("kind", HEADERS)
def test_bcc_names_it_too(check: Check, tmp_path: Path, kind: str) -> None:
    HEADERS[kind](tmp_path / "x.h")
    started = time.monotonic()
    with pytest.raises(Problem, match=r"x\.h, (?:a link to .*|a FIFO).*has no end"):
        check("a.c", '#include "x.h"\nint kprobe__do_nanosleep(void *ctx) { return 0; }\n', load=False)
    assert time.monotonic() - started < 30


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/full"])
def test_a_device_as_header_takes_no_time(check: Check, tmp_path: Path, device: str) -> None:
    """clang takes what has no size for empty; were it to read on, it would be stopped."""
    (tmp_path / "x.h").symlink_to(device)
    started = time.monotonic()
    with contextlib.suppress(Problem):
        check("a.bpf.c", f'#include "x.h"\n{PROGRAM}', load=False)
    assert time.monotonic() - started < 20
