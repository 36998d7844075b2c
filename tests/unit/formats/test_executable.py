"""Programs and libraries, as uprobes and USDT see them."""

import lzma
import os
import subprocess
from functools import partial
from pathlib import Path

import pytest

from bpfdoctor.formats import stapsdt
from bpfdoctor.formats.executable import FIXED, Executable
from tests.unit.formats.usdt_programs import built

_MAIN = """
__attribute__((noinline)) int work(int n) { return n * 3; }
int main(int c, char **v) { return work(c); }
"""


def _part(data: bytes, at: int, size: int) -> bytes:
    return data[at : at + size]


def _read(path: Path) -> Executable:
    data = path.read_bytes()
    found = Executable.read(partial(_part, data))
    assert found is not None
    return found


@pytest.mark.parametrize("flags", [("-no-pie",), ("-pie", "-fPIE"), ("-static",)])
def test_the_place_of_a_function_in_the_file_has_its_code(tmp_path: Path, flags: tuple[str, ...]) -> None:
    path = built(tmp_path, _MAIN, *flags)
    program = _read(path)
    (function,) = program.functions("work")
    offset = program.offset_of(function.address)
    assert offset is not None
    assert program.address_of(offset) == function.address
    printed = subprocess.run(
        ["objdump", "-d", "--disassemble=work", path], check=True, capture_output=True, text=True
    ).stdout
    code = bytes.fromhex(printed.split(">:\n")[1].split("\t")[1].replace(" ", ""))
    assert path.read_bytes()[offset : offset + len(code)] == code
    assert program.is_static == ("-static" in flags)
    assert (program.type == FIXED) == (flags != ("-pie", "-fPIE"))


def test_what_is_stripped_keeps_only_what_others_use(tmp_path: Path) -> None:
    path = built(tmp_path, _MAIN, "-rdynamic")
    assert not _read(path).is_stripped
    subprocess.run(["strip", path], check=True)
    program = _read(path)
    assert program.is_stripped
    assert [each.table for each in program.functions("work")] == ["dynsym"]
    assert program.functions("nothing_of_this_name") == ()


def test_symbols_that_were_packed_away_are_found(tmp_path: Path) -> None:
    path = built(tmp_path, _MAIN)
    packed = tmp_path / "packed"
    symbols = tmp_path / "symbols"
    subprocess.run(["objcopy", "--only-keep-debug", path, symbols], check=True)
    packed.write_bytes(lzma.compress(symbols.read_bytes()))
    subprocess.run(["strip", path], check=True)
    assert _read(path).functions("work") == ()
    subprocess.run(["objcopy", f"--add-section=.gnu_debugdata={packed}", path], check=True)
    assert [each.table for each in _read(path).functions("work")] == ["debugdata"]


_VERSIONED = """
__attribute__((noinline)) int first(void) { return 1; }
__attribute__((noinline)) int second(void) { return 2; }
__asm__(".symver first,answer@V1"); __asm__(".symver second,answer@@V2");
static int chosen(void) { return 7; }
static void *choose(void) { return chosen; }
int quick(void) __attribute__((ifunc("choose")));
"""


def test_every_version_of_a_function_and_those_that_are_chosen_when_called(tmp_path: Path) -> None:
    script = tmp_path / "versions"
    script.write_text("V1 { global: answer; local: *; }; V2 { global: answer; quick; } V1;")
    path = built(tmp_path, _VERSIONED, "-shared", "-fPIC", f"-Wl,--version-script={script}")
    subprocess.run(["strip", path], check=True)
    library = _read(path)
    assert {(each.version, each.is_default) for each in library.functions("answer")} == {
        ("V1", False),
        ("V2", True),
    }
    assert [each.version for each in library.functions("answer@V1")] == ["V1"]
    assert [each.indirect for each in library.functions("quick")] == [True]


_PROBES = r"""
SEMAPHORE(counted);
__attribute__((noinline)) int work(long n) {
    PROBE("shop", "sold", "counted", "-4@%0 8@%1", "nor"((int)n), "nor"(n));
    PROBE("shop", "sold", "counted", "-4@%0 8@%1", "nor"((int)n), "nor"(n + 1));
    PROBE("bank", "paid", "0", "", "nor"(1));
    return 0;
}
int main(int c, char **v) { return work(c); }
"""


def test_every_place_of_a_probe(tmp_path: Path) -> None:
    program = _read(built(tmp_path, _PROBES))
    places = list(stapsdt.places(program))
    assert [(each.provider, each.name) for each in places] == [("shop", "sold")] * 2 + [("bank", "paid")]
    (function,) = program.functions("work")
    assert all(0 <= each.address - function.address < function.size for each in places)
    assert len({each.address for each in places}) == 3
    assert places[0].semaphore == places[1].semaphore != 0 == places[2].semaphore
    assert [(each.size, each.is_signed) for each in places[0].arguments] == [(4, True), (8, False)]
    assert places[2].arguments == ()


def test_arguments_in_every_form_that_assemblers_have() -> None:
    spelled = "-4@%edi 8@8(%rsp) 4@$17 8@-8(%rbp,%rax,4) 8f@%xmm0 -4@[sp, 12] 8@x0"
    assert [each.place for each in stapsdt.parsed(spelled)] == [
        "%edi", "8(%rsp)", "$17", "-8(%rbp,%rax,4)", "%xmm0", "[sp, 12]", "x0",
    ]  # fmt: skip


def test_what_is_damaged_has_an_answer(tmp_path: Path) -> None:
    whole = built(tmp_path, _PROBES).read_bytes()
    for at in range(0, len(whole), 97):
        for data in (whole[:at], whole[:at] + os.urandom(8) + whole[at + 8 :]):
            program = Executable.read(partial(_part, data))
            if program is not None:
                list(stapsdt.places(program))
                program.functions("work")
                assert program.needed is not None
