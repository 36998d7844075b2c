"""What starts for every file must start fast."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import bpfdoctor

ROOT = str(Path(bpfdoctor.__file__).parent.parent)
HEAVY = {"typing", "dataclasses", "json", "re", "inspect", "collections", "enum", "subprocess"}


def modules_after(statement: str) -> set[str]:
    code = f"import sys; sys.path.insert(0, {ROOT!r}); {statement}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("child", ["_libbpf_child", "_bcc_child", "_load_child"])
def test_a_child_imports_nothing_heavy(child: str) -> None:
    assert modules_after(f"from bpfdoctor.capture.{child} import main") & HEAVY == set()


def test_capture_itself_imports_nothing_until_it_is_used() -> None:
    assert modules_after("import bpfdoctor.capture") & {*HEAVY, "ctypes"} == set()
