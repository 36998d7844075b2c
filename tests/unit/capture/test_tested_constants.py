"""The constants that a program's branches test, as every clang compiles them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bpfdoctor.capture import tested_constants
from tests.compilers import CLANGS, HEADERS

HEAD = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n"


def found_by(tmp_path: Path, clang: str, constants: str, code: str) -> dict[str, tuple[int, ...]]:
    source, output = tmp_path / "a.bpf.c", tmp_path / "a.o"
    body = f'SEC("xdp") int f(struct xdp_md *ctx)\n{{\n\t{code}\n\treturn 1;\n}}\n'
    source.write_text(HEAD + constants + body)
    flags = ["-g", "-O2", "-target", "bpf", "-mcpu=v3", "-idirafter", HEADERS]
    subprocess.run([clang, *flags, "-c", str(source), "-o", str(output)], check=True)
    return {each.name: each.values for each in tested_constants.settings(output.read_bytes())}


CALL = "return bpf_get_prandom_u32();"


@pytest.mark.parametrize("clang", CLANGS)
@pytest.mark.parametrize(
    ("constants", "code", "wanted"),
    [
        ("const volatile _Bool on;", f"if (on) {CALL}", {"on": 1}),
        ("const volatile int n = 1;", f"if (n == 7) {CALL}", {"n": 7}),
        ("const volatile unsigned n;", f"if (n > 7) {CALL}", {"n": 8}),
        ("const volatile unsigned char n;", f"if (n & 4) {CALL}", {"n": 4}),
        ("const volatile struct { int a, b; } c;", f"if (c.b) {CALL}", {"c.b": 1}),
        ("const volatile unsigned long list[4];", f"if (list[2] == 9) {CALL}", {"list[2]": 9}),
    ],
)
def test_a_value_on_the_other_side_of_each_branch_is_found(
    tmp_path: Path, clang: str, constants: str, code: str, wanted: dict[str, int]
) -> None:
    found = found_by(tmp_path, clang, constants, code)
    assert found.keys() == wanted.keys()
    assert all(value in found[name] for name, value in wanted.items()), found


@pytest.mark.parametrize("clang", CLANGS)
def test_what_no_branch_tests_and_what_is_no_constant_is_not_tried(tmp_path: Path, clang: str) -> None:
    constants = "const volatile int unused = 1; const volatile int shown = 2; int counter;"
    assert not found_by(tmp_path, clang, constants, f'bpf_printk("%d", shown); if (counter) {CALL}')
