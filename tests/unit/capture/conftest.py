"""Real programs, compiled and loaded here: what the tests of capture share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bpfdoctor import capture, rights
from bpfdoctor.capture import privileges
from bpfdoctor.model.report import CaptureOptions, RawReport
from tests.unit.capture.running import Check, Write


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The user's cache stays as it is; one vmlinux.h and one set of merged headers serve all tests."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder)
    yield folder
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture
def kernel() -> None:
    """For tests that load: they need root (or CAP_BPF and CAP_PERFMON)."""
    if privileges.name_of(rights.permitted()) != "full":
        pytest.skip("loading programs needs root")


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Put a file into a folder of the test's own."""

    def put(name: str, text: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return put


@pytest.fixture
def check(write: Write) -> Check:
    """Write a program and check it."""

    def run(name: str, text: str | bytes, **options: Any) -> list[RawReport]:
        return capture.check(write(name, text), CaptureOptions(**options))

    return run
