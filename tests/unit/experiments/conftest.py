"""A cache of these tests' own: nothing is remembered from another run, and no lab kernel is ready."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpfdoctor import rights
from bpfdoctor.capture import privileges


@pytest.fixture(scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One vmlinux.h and one compiled catalogue serve all tests."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder)
    yield folder / "bpfdoctor"
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture(autouse=True)
def cache(own_cache: Path) -> Path:
    """The folder, without what was tried before."""
    for known in own_cache.glob("tried_*"):
        known.unlink()
    return own_cache


@pytest.fixture
def kernel() -> None:
    """For tests that load: they need root (or CAP_BPF and CAP_PERFMON)."""
    if privileges.name_of(rights.permitted()) != "full":
        pytest.skip("loading programs needs root")
