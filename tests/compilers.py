"""The compilers that tests use: every clang on this machine, oldest first, or the one that $CLANG names.

A test takes `CLANG`, or `@pytest.mark.parametrize("clang", CLANGS)` where every version has to give the same
answer. What holds for one version only (a stored log and the object it came from) is marked
`@pytest.mark.needs_clang(19)` and uses `clang(19)`: `make test-compilers` installs that version; elsewhere
the test is listed as left out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from functools import cache

import pytest

HEADERS = f"/usr/include/{os.uname().machine}-linux-gnu"  # asm/types.h; -target bpf makes clang forget it


@cache
def version_of(program: str) -> int:
    """19 of clang-19."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"version (\d+)", said)
    assert found, said
    return int(found[1])


def _found() -> list[str]:
    """The names under which there are compilers, the one that bpfdoctor takes by itself first."""
    asked = os.environ.get("CLANG")
    names = [asked] if asked else ["clang", *(f"clang-{version}" for version in range(40, 10, -1))]
    found = [name for name in names if shutil.which(name)]
    return found or pytest.exit("There is no clang to test with: `make setup` installs one.", 2)


_FOUND = _found()
_BY_VERSION = dict(sorted((version_of(name), name) for name in _FOUND))  # "clang-14" rather than "clang"
CLANG = _FOUND[0]
VERSION = version_of(CLANG)
CLANGS = tuple(_BY_VERSION.values())


def has_clang(version: int) -> bool:
    """Whether this version is here."""
    return version in _BY_VERSION


def clang(version: int) -> str:
    """The program of a test that is marked `needs_clang(version)`."""
    return _BY_VERSION[version]
