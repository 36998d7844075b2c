"""Hooks in user space that never fire, each beside one that does: counted in a real process."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bpfdoctor.model.preflight import Cause, Hook, HookKind, NotKnown
from bpfdoctor.preflight import checks
from bpfdoctor.preflight.system import binary
from bpfdoctor.preflight.system.host import Host
from tests.unit.formats.usdt_programs import built
from tests.unit.preflight.hits import LOOP, hits, running

counts = pytest.mark.skipif(os.geteuid() != 0, reason="uprobes need root")
_WORK = '__attribute__((noinline)) int work(int n) { __asm__ volatile(""); return n * 3; }\n'
HERE = Host()


@pytest.fixture(autouse=True)
def _files_may_change() -> Iterator[None]:
    yield
    binary.opened.cache_clear()


def found(file: Path | str, symbol: str = "", **options: Any) -> list[Cause | NotKnown]:
    """What is said of BCC's attach_uprobe(name=file, sym=symbol, …)."""
    given = {"loader": "bcc", "file": str(file), "symbol": symbol, **options}
    return list(checks.look(Hook("f", HookKind.UPROBE, f"{file}:{symbol}", options=given), HERE))


def rules(answer: list[Cause | NotKnown]) -> list[str]:
    return [each.rule for each in answer if isinstance(each, Cause)]


def place(file: Path, name: str) -> int:
    """Where a function is in a file."""
    here = binary.opened(str(file))
    assert here is not None and here.program is not None
    offset = here.program.offset_of(here.program.functions(name)[0].address)
    assert offset is not None
    return offset


def test_a_pattern_of_bccs_is_compared_with_the_files_functions(tmp_path: Path) -> None:
    program = built(tmp_path, LOOP + _WORK)
    assert found(program, pattern="wo") == []
    (cause,) = found(program, pattern="ork")  # a name has to begin so
    assert isinstance(cause, Cause)
    assert (cause.rule, cause.values["place"]) == ("kernel-pattern-empty", str(program))
    assert rules(found(program, pattern="(a+)+$")) == []


@counts
@pytest.mark.parametrize("flags", [(), ("-no-pie",), ("-static",)])
def test_a_function_that_is_called(tmp_path: Path, flags: tuple[str, ...]) -> None:
    program = built(tmp_path, LOOP + _WORK, *flags)
    with running(program) as process:
        assert found(program, "work", pid=process.pid) == []
        assert hits(program, place(program, "work"), process) == 5


_IN_CALLER = '__attribute__((always_inline)) inline int work(int n) { __asm__ volatile(""); return n * 3; }\n'


@counts
def test_calls_that_are_part_of_their_callers(tmp_path: Path) -> None:
    program = built(tmp_path, LOOP + _IN_CALLER, "-g")
    with running(program) as process:
        (cause,) = found(program, "work", pid=process.pid)
        assert isinstance(cause, Cause)
        assert (cause.rule, cause.values["count"]) == ("probed-function-inlined-too", 1)
        assert hits(program, place(program, "work"), process) == 0
    alone = LOOP.replace("int work(int);", f"static {_IN_CALLER}")
    nowhere = built(tmp_path, alone, "-g", name="nowhere")
    assert rules(found(nowhere, "work")) == ["probed-function-inlined"]
    assert rules(found(built(tmp_path, alone, name="plain"), "work")) == ["probed-function-missing"]


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("/proc/self/exe:work", "/proc/self/exe is the loader's own"),
        ("./no_such_program:work", "in which its loader is started"),
    ],
)
def test_a_file_that_only_the_loader_knows(target: str, why: str) -> None:
    (found,) = checks.look(Hook("f", HookKind.UPROBE, target), HERE)
    assert isinstance(found, NotKnown) and why in found.why


def test_what_libbpf_reads_in_a_section(tmp_path: Path) -> None:
    program = built(tmp_path, LOOP + _WORK)

    def of(target: str) -> list[Cause | NotKnown]:
        return list(checks.look(Hook("f", HookKind.UPROBE, target, section="uprobe"), HERE))

    assert of(f"{program}:work") == of(f"{program}:work+1") == []
    assert rules(of(f"{program}:wrok")) == ["probed-function-near"]
    assert rules(of(f"{program}:work+4096")) == ["probed-past-function"]
    assert rules(of("/no/such/file:work")) == ["probed-file-missing"]
    assert isinstance(of("")[0], NotKnown)


@counts
def test_a_copy_elsewhere_is_another_file(tmp_path: Path) -> None:
    program = built(tmp_path, LOOP + _WORK)
    (tmp_path / "other").mkdir()
    copy = tmp_path / "other" / "program"
    shutil.copy(program, copy)
    with running(copy) as process:
        (cause,) = found(program, "work", pid=process.pid)
        assert isinstance(cause, Cause)
        assert (cause.rule, cause.values["its"]) == ("process-has-own-copy", str(copy))
        assert hits(program, place(program, "work"), process) == 0
        assert found(copy, "work", pid=process.pid) == []
        assert hits(copy, place(copy, "work"), process) == 5


@counts
def test_a_container_has_a_file_of_its_own_at_the_same_path(tmp_path: Path) -> None:
    """BCC looks for it from the process's root, where a pid is given."""
    (tmp_path / "bin").mkdir()
    program = built(tmp_path / "bin", LOOP + _WORK)
    built(tmp_path, LOOP + _WORK.replace("3", "4"), name="image")  # another build: a copy may be ours
    inside = f"mount -t tmpfs none {program.parent} && cp {tmp_path}/image {program} && exec {program}"
    with running("unshare", "--mount", "sh", "-c", inside) as process:
        assert found(program, "work", pid=process.pid) == []
        theirs = Path(f"/proc/{process.pid}/root{program}")
        assert hits(theirs, place(theirs, "work"), process) == 5
        ours = f"/proc/{os.getpid()}/root{program}"
        assert rules(found(ours, "work", pid=process.pid)) == ["process-has-own-copy"]
        assert hits(program, place(program, "work"), process) == 0


@counts
def test_a_link_is_the_same_file(tmp_path: Path) -> None:
    program = built(tmp_path, LOOP + _WORK)
    (tmp_path / "soft").symlink_to(program)
    os.link(program, tmp_path / "hard")
    with running(tmp_path / "hard") as process:
        assert found(tmp_path / "soft", "work", pid=process.pid) == []
        assert hits(tmp_path / "soft", place(program, "work"), process) == 5


@counts
def test_a_file_that_was_replaced_after_the_start(tmp_path: Path) -> None:
    program = built(tmp_path, LOOP + _WORK)
    with running(program) as process:
        newer = built(tmp_path, LOOP + _WORK, name="newer")
        newer.rename(program)
        assert rules(found(program, "work", pid=process.pid)) == ["replaced-after-start"]
        assert hits(program, place(program, "work"), process) == 0


@counts
def test_a_process_of_another_program(tmp_path: Path) -> None:
    program = built(tmp_path, LOOP + _WORK)
    other = built(tmp_path, LOOP + _WORK, name="other")
    with running(other) as process:
        assert rules(found(program, "work", pid=process.pid)) == ["process-runs-other"]
        assert hits(program, place(program, "work"), process) == 0


@counts
@pytest.mark.parametrize(
    ("flags", "rule"), [((), "library-not-loaded"), (("-static",), "library-in-program")]
)
def test_a_library_that_the_process_does_not_use(tmp_path: Path, flags: tuple[str, ...], rule: str) -> None:
    library = built(tmp_path, _WORK, "-shared", "-fPIC", name="libwork.so")
    program = built(tmp_path, LOOP + _WORK, *flags)
    with running(program) as process:
        assert rules(found(library, "work", pid=process.pid)) == [rule]
        assert hits(library, place(library, "work"), process) == 0


@counts
def test_a_library_that_it_uses(tmp_path: Path) -> None:
    library = built(tmp_path, _WORK, "-shared", "-fPIC", name="libwork.so")
    program = built(tmp_path, LOOP, f"-Wl,-rpath,{tmp_path}", str(library))
    with running(program) as process:
        assert found(library, "work", pid=process.pid) == []
        assert found("work", "work", pid=process.pid) == []  # BCC looks into the process
        assert hits(library, place(library, "work"), process) == 5
        assert rules(found(program, "work", pid=process.pid)) == ["probed-import"]


def test_a_name_of_a_library_is_found_as_the_linker_does() -> None:
    assert found("c", "malloc") == []
    (cause,) = found("no_such_library", "f")
    assert isinstance(cause, Cause)
    assert (cause.rule, cause.values["file"]) == ("probed-file-missing", "libno_such_library.so")


_CHOSEN = """
static int three(int n) { __asm__ volatile(""); return n * 3; }
static void *choose(void) { return three; }
int work(int) __attribute__((ifunc("choose")));
"""


@counts
def test_a_function_that_is_chosen_when_the_program_is_linked(tmp_path: Path) -> None:
    library = built(tmp_path, _CHOSEN, "-shared", "-fPIC", name="libwork.so")
    program = built(tmp_path, LOOP, f"-Wl,-rpath,{tmp_path},-z,now", str(library))
    with running(program) as process:
        assert rules(found(library, "work", pid=process.pid)) == ["probed-chooser"]
        assert hits(library, place(library, "work"), process) == 0
        assert found(library, "three", pid=process.pid) == []
        assert hits(library, place(library, "three"), process) == 5


def test_names_that_are_not_there(tmp_path: Path) -> None:
    program = built(tmp_path, LOOP + _WORK + "int _ZN4shop4sellEi(int n) { return n; }")
    (cause,) = found(program, "shop::sell")
    assert isinstance(cause, Cause)
    assert (cause.rule, cause.values["near"]) == ("probed-function-near", "_ZN4shop4sellEi")
    assert rules(found(program, "nothing_like_it")) == ["probed-function-missing"]
    subprocess.run(["strip", program], check=True)
    binary.opened.cache_clear()
    assert rules(found(program, "work")) == ["probed-function-stripped"]


@counts
@pytest.mark.parametrize("flags", [("-no-pie",), ("-Wl,-Ttext=0x41000",)])
def test_an_offset_in_the_file_is_no_virtual_address(tmp_path: Path, flags: tuple[str, ...]) -> None:
    program = built(tmp_path, LOOP + _WORK, *flags)
    offset = place(program, "work")
    here = binary.opened(str(program))
    assert here is not None and here.program is not None
    virtual = here.program.functions("work")[0].address
    assert virtual != offset
    (cause,) = found(program, address=offset)
    assert isinstance(cause, Cause)
    assert (cause.rule, cause.values["function"]) == ("probed-file-offset", "work")
    assert cause.values["virtual"] == f"{virtual:#x}"
    assert found(program, address=virtual) == []
    assert rules(found(program, address=0x555555555139)) == ["probed-address"]


def test_a_script_is_run_by_another_program(tmp_path: Path) -> None:
    script = tmp_path / "tool"
    script.write_text("#!/bin/sh\necho\n")
    assert rules(found(script, "main")) == ["probed-script"]
    (tmp_path / "text").write_text("nothing")
    assert isinstance(found(tmp_path / "text", "main")[0], NotKnown)


def test_a_process_that_has_ended(tmp_path: Path) -> None:
    program = built(tmp_path, LOOP + _WORK)
    with running(program) as process:
        pid = process.pid
    assert rules(found(program, "work", pid=pid)) == ["probed-process-missing"]
