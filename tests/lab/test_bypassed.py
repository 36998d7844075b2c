"""The functions that kernels go past (bypassed.json): each counts 0 in guests, and its other does not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bpfdoctor.kernel import bypassed
from bpfdoctor.lab import kernels
from bpfdoctor.lab.counting import counted
from bpfdoctor.lab.pool import Lab
from bpfdoctor.preflight import system
from tests.compilers import CLANG, HEADERS
from tests.lab.conftest import NEW, OLD, PROGRAMS

BEGIN = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
#include "hits.h"
"""


@pytest.mark.parametrize("version", [OLD, "6.1", NEW])
def test_what_is_passed_by_counts_nothing(version: str, lab: Lab, tmp_path: Path) -> None:
    kernel, *_ = kernels.resolve([version], print)
    with system.of(version, print) as machine:
        symbols = machine.symbols
        assert symbols is not None
        release, table = machine.kernel.release, bypassed.table()
        pairs = {
            name: row.other(release, lambda function: bool(symbols.named(function)))
            for name, row in table.items()
        }
    pairs = {name: other for name, other in pairs.items() if other}
    assert len(pairs) >= 7
    names = [*dict.fromkeys((*pairs, *pairs.values()))]
    programs = (
        f'SEC("kprobe/{name}") int p{at}(void *ctx) {{ return hit(); }}\n' for at, name in enumerate(names)
    )
    (tmp_path / "a.bpf.c").write_text(BEGIN + "".join(programs))
    flags = ["-O2", "-g", "-target", "bpf", f"-I{HEADERS}", f"-I{PROGRAMS}"]
    command = [CLANG, *flags, "-c", "a.bpf.c", "-o", "a.o"]
    subprocess.run(command, check=True, cwd=tmp_path)
    came = {
        names[int(each.program[1:])]: each for each in counted(lab, kernel, (tmp_path / "a.o").read_bytes())
    }
    failed = {name: each for name, each in came.items() if each.errno or each.not_attached}
    assert failed == {}
    found = {name: (came[name].count, came[other].count > 0) for name, other in pairs.items()}
    assert found == dict.fromkeys(pairs, (0, True))
