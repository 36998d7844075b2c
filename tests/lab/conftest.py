"""Real kernels and programs of our own; the kernels come from the cache, or from Debian."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from bpfdoctor.lab import kernels, paths, pool
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.pool import Lab
from tests.compilers import CLANG, HEADERS

PROGRAMS = Path(__file__).parent / "programs"
OLD, NEW = "5.10.218", "7.3"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here boots kernels."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("vm")


@pytest.fixture(scope="session")
def old() -> LabKernel:
    """The oldest kernel of the lab."""
    return kernels.resolve([OLD], print)[0]


@pytest.fixture(scope="session")
def new() -> LabKernel:
    """The newest."""
    return kernels.resolve([NEW], print)[0]


@pytest.fixture(scope="session")
def lab() -> Iterator[Lab]:
    """Guests that stay warm for all tests."""
    with pool.Lab(print) as lab:
        yield lab


@cache
def compiled_program(name: str) -> bytes:
    """The object of programs/NAME.bpf.c."""
    flags = ["-O2", "-g", "-target", "bpf", f"-I{HEADERS}", "-D__TARGET_ARCH_x86"]  # as the guests are
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "program.o"
        command = [CLANG, *flags, "-c", str(PROGRAMS / f"{name}.bpf.c"), "-o", str(out)]
        subprocess.run(command, check=True)
        return out.read_bytes()


@pytest.fixture(scope="session")
def compiled() -> Callable[[str], bytes]:
    return compiled_program


@pytest.fixture
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """A cache of its own with the kernels that are named, and without snapshots; puts it in force."""

    def make(*wanted: LabKernel) -> Path:
        before = paths.lab_dir()
        after = tmp_path / "cache" / "bpfdoctor" / "lab"
        for kernel in wanted:
            shutil.copytree(kernel.folder, after / "kernels" / kernel.name)
        for name in ("built", "libbpf"):
            if (before / name).exists():
                shutil.copytree(before / name, after / name)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        return after

    return make
