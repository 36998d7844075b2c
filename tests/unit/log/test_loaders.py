"""What loaders say around a log, and instead of one."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import Truncated
from tests.unit.log.texts import STATS, error, log, one, read

DATA = Path(__file__).parent / "data"
WALK = "0: R1=ctx() R10=fp0\n0: (61) r1 = *(u32 *)(r3 +0)\nR3 !read_ok\n"

# Each text, and what must be told of it: program, errno, program type.
AROUND: dict[str, tuple[str, str | None, int | None, str | None]] = {
    "libbpf 1.x": (
        "libbpf: prog 'drop': BPF program load failed: -EACCES\n"
        "libbpf: prog 'drop': -- BEGIN PROG LOAD LOG --\n"
        f"{WALK}{STATS}-- END PROG LOAD LOG --\nlibbpf: prog 'drop': failed to load: -EACCES\n",
        "drop",
        13,
        None,
    ),
    "libbpf 0.2": (
        f"libbpf: load bpf program failed: Permission denied\nlibbpf: -- BEGIN DUMP LOG ---\n"
        f"libbpf: \n{WALK}{STATS}\n"
        "libbpf: -- END LOG --\nlibbpf: failed to load program 'drop'\n",
        "drop",
        13,
        None,
    ),
    "BCC": (
        f"bpf: Failed to load program: Permission denied\n{WALK}{STATS}\nHINT: The invalid mem access …\n"
        "    memory without first using bpf_probe_read().\n\nTraceback (most recent call last):\n"
        '  File "x.py", line 3, in <module>\n    fn = b.load_func("drop", BPF.XDP)\n'
        "Exception: Failed to load BPF program b'drop': Permission denied\n",
        "drop",
        13,
        None,
    ),
    "bpftrace": (
        f"Attaching 1 probe...\nERROR: Error loading BPF program for drop_1.\nKernel error log:\n"
        f"{WALK}{STATS}\n"
        "ERROR: Loading BPF object(s) failed.\n",
        "drop_1",
        None,
        None,
    ),
    "tc": (
        "\nProg section 'classifier' rejected: Permission denied (13)!\n - Type:         3\n"
        " - Instructions: 58 (0 over limit)\n - License:      GPL\n\nVerifier analysis:\n\n"
        f"Skipped 58667 bytes, use 'verb' option for the full verbose log.\n[...]\n{WALK}{STATS}\n"
        "Error fetching program/map!\nUnable to load program\n",
        "classifier",
        13,
        "sched_cls",
    ),
    "veristat": (
        f"PROCESSING x.bpf.o/drop, DURATION US: 118, VERDICT: failure, VERIFIER LOG:\n{WALK}{STATS}\n",
        "drop",
        None,
        None,
    ),
    "aya": (
        f"Error: the BPF_PROG_LOAD syscall failed. Verifier output: {WALK}{STATS}\n\nCaused by:\n"
        "    Permission denied (os error 13)\n",
        None,
        13,
        None,
    ),
    "aya, printed for debugging": (
        'Error: ProgramError(LoadError { io_error: Os { code: 13 }, verifier_log: "'
        + (WALK + STATS).replace("\n", "\\n")
        + '" })\n',
        None,
        None,
        None,
    ),
    "cilium/ebpf %v": (
        "2024/05/01 10:00:00 loading objects: field Drop: program drop: load program: permission denied:"
        " 0: (61) r1 = *(u32 *)(r3 +0): R3 !read_ok (3 line(s) omitted)\n",
        "drop",
        13,
        None,
    ),
    "cilium/ebpf %+v": (
        "field Drop: program drop: load program: permission denied:\n\t"
        + (WALK + STATS).rstrip().replace("\n", "\n\t")
        + "\n",
        "drop",
        13,
        None,
    ),
    "cilium/ebpf 0.4": (
        f'2020/05/01 10:00:00 error while loading "drop" (permission denied):\n{WALK}{STATS}',
        "drop",
        13,
        None,
    ),
    "cilium's tests": (
        "    load_test.go:245: Error: program drop: load program: permission denied:"
        " 0: (61) r1 = *(u32 *)(r3 +0): R3 !read_ok (3 line(s) omitted)\n"
        "        Verifier error tail: load program: permission denied:\n        \t(2 line(s) omitted)\n"
        + "".join(f"        \t{line}\n" for line in (WALK + STATS).splitlines()),
        "drop",
        13,
        None,
    ),
    "logrus on a terminal": (
        "DEBU[0000] Verifier error: load program: permission denied:\n"
        + "".join(f"        {line}\n" for line in (WALK + STATS).splitlines())
        + "DEBU[0000] stopping\n",
        None,
        13,
        None,
    ),
    "samples/bpf": (f"bpf_load_program() err=13\n{WALK}{STATS}", None, 13, None),
    "somebody's own": (f"bpf syscall error: Permission denied\nlog_buf = {WALK}{STATS}", None, 13, None),
    "perror": (f"Permission denied\n{WALK}{STATS}", None, 13, None),
    "systemd": (
        "libbpf: elf: skipping section(3) .data (size 0)\n"
        "libbpf: prog 'drop': missing .BTF.ext line info for the"
        " main program, skipping all of .BTF.ext line info.\nlibbpf: prog 'drop': BPF program load failed:"
        f" Permission denied\nlibbpf: prog 'drop': -- BEGIN PROG LOAD LOG --\n"
        f"{WALK}{STATS}-- END PROG LOAD LOG --\n"
        "libbpf: prog 'drop': failed to load: -13\nbpf-lsm: Failed to load BPF object: Permission denied\n",
        "drop",
        13,
        None,
    ),
    "xdp-loader": (
        f"libbpf: prog 'drop': -- BEGIN PROG LOAD LOG --\n{WALK}{STATS}-- END PROG LOAD LOG --\n"
        "libxdp: Failed to load program drop: Permission denied\n",
        "drop",
        13,
        None,
    ),
}


@pytest.mark.parametrize("name", AROUND)
def test_the_refusal_is_found_in_what_each_loader_prints(name: str) -> None:
    text, program, errno, kind = AROUND[name]
    part = one(text)
    assert part.blocks[0].lines == ("R3 !read_ok",)
    assert (part.blocks[0].insn, part.blocks[0].errno) == (0, errno)
    assert (part.program, part.program_type) == (program, kind)


def test_bpftool_in_debug_mode_is_mostly_chatter() -> None:
    chatter = (
        "libbpf: loading object from pkt.o\nlibbpf: elf: section(3) xdp, size 40, link 0, flags 6, type=1\n"
        "libbpf: sec 'xdp': found program 'first_byte' at insn offset 0 (0 bytes), code size 3"
        " insns (24 bytes)\n"
        "libbpf: looking for externs among 17 symbols...\nlibbpf: collected 0 externs total\n"
        "libbpf: map 'counts': created successfully, fd=4\n"
        "libbpf: prog 'first_byte': relo #0: <byte_off> [2] struct xdp_md.data (0:0 @ offset 0)\n"
    )
    part = one(chatter + log("packet"))
    assert [block.stage for block in part.blocks] == [Stage.VERIFIER]


def test_veristat_says_which_program_loads() -> None:
    text = (
        f"PROCESSING x.o/bad, DURATION US: 118, VERDICT: failure, VERIFIER LOG:\n{WALK}{STATS}\n"
        "PROCESSING x.o/good, DURATION US: 9, VERDICT: success, VERIFIER LOG:\n"
        "Func#1 ('sub') is safe for any args that match its prototype\n" + STATS
    )
    assert [(part.program, part.succeeded) for part in read(text)] == [("bad", False), ("good", True)]


def test_go_leaves_lines_out() -> None:
    assert one(AROUND["cilium/ebpf %v"][0]).truncated is Truncated.HEAD


# ---- the loader's own errors

OWN_ERRORS = {
    "a map": (
        "libbpf: Error in bpf_create_map_xattr(flows):Invalid argument(-22). Retrying without BTF.\n"
        "libbpf: map 'flows': failed to create: Invalid argument(-22)\nlibbpf: failed to load object 'x.o'\n"
        "Error: failed to load object file\n",
        "map 'flows': failed to create: Invalid argument(-22)",
        22,
    ),
    "an extern": (
        "libbpf: failed to find BTF for extern 'strlen': -2\nError: failed to open object file\n",
        "failed to find BTF for extern 'strlen': -2",
        2,
    ),
    "a kfunc": (
        "libbpf: extern (func ksym) 'bpf_nope': not found in kernel or module BTFs\n"
        "libbpf: failed to load object 'x.o'\nError: failed to load object file\n",
        "extern (func ksym) 'bpf_nope': not found in kernel or module BTFs",
        None,
    ),
    "an attach target": (
        "libbpf: prog 'on_x': failed to find kernel BTF type ID of 'no_such': -3\n"
        "libbpf: prog 'on_x': failed to prepare load attributes: -3\n"
        "libbpf: prog 'on_x': failed to load: -3\n"
        "libbpf: failed to load object 'x.o'\n",
        "prog 'on_x': failed to find kernel BTF type ID of 'no_such': -3",
        3,
    ),
    "a section": (
        "libbpf: failed to guess program type from ELF section 'frobnicate'\n"
        "libbpf: supported section(type) names are: socket kprobe+ tc\n",
        "failed to guess program type from ELF section 'frobnicate'",
        None,
    ),
    "an object": (
        "libbpf: elf: failed to open x.o: No such file or directory\nError: failed to open object file\n",
        "elf: failed to open x.o: No such file or directory",
        2,
    ),
    "bpftool": (
        "Error: object file doesn't contain any bpf program\n",
        "object file doesn't contain any bpf program",
        None,
    ),
    "Go's map": (
        "2024/05/01 10:00:00 loading objects: field Flows: map flows: map create: operation not permitted"
        " (MEMLOCK may be too low, consider rlimit.RemoveMemlock)\n",
        "map create: operation not permitted (MEMLOCK may be too low, consider rlimit.RemoveMemlock)",
        1,
    ),
    "Go's CO-RE": (
        "program drop: apply CO-RE relocations: relocate struct foo: no matching member: not found\n",
        "apply CO-RE relocations: relocate struct foo: no matching member: not found",
        None,
    ),
    "aya's map": (
        "Error: map error: failed to create map `FLOWS` with code -1\n",
        "failed to create map `FLOWS` with code -1",
        1,
    ),
    "BCC without root": (
        "bpf: Operation not permitted\nTraceback (most recent call last):\n"
        "Exception: Need super-user privileges to run\n",
        "Need super-user privileges to run",
        1,
    ),
    "redbpf's map": (
        "Apr 03 07:15:07.613 ERROR redbpf: error on bpf_create_map_xattr. failed to load map `.rodata`:"
        " Operation not permitted (os error 1)\nthread 'main' panicked at 'error on Loader::load',"
        " src/main.rs:2:4\n",
        "error on bpf_create_map_xattr. failed to load map `.rodata`: Operation not permitted (os error 1)",
        1,
    ),
    "goebpf's map": (
        "LoadElf() failed: loadAndCreateMaps() failed: ebpf_create_map() failed: Operation not permitted\n",
        "ebpf_create_map() failed: Operation not permitted",
        1,
    ),
    "BCC's map, which BCC takes for a compiler's error": (
        "could not open bpf map: flows, error: Invalid argument\nTraceback (most recent call last):\n"
        "Exception: Failed to compile BPF module <text>\n",
        "could not open bpf map: flows, error: Invalid argument",
        22,
    ),
    "veristat, whose table follows": (
        "Processing 'x.o'...\nlibbpf: map 'flows': failed to create: Invalid argument(-22)\n"
        "libbpf: failed to load object 'x.o'\n"
        "PROCESSING x.o/drop, DURATION US: 0, VERDICT: failure, VERIFIER LOG:\n"
        "File  Program  Verdict  Duration (us)  Insns\n----  -------  -------  -------------  -----\n"
        "x.o   drop     failure              0      0\n",
        "map 'flows': failed to create: Invalid argument(-22)",
        22,
    ),
    "nothing but the summary": (
        "libbpf: failed to load object 'x.o'\nError: failed to load object file\n",
        "failed to load object 'x.o'",
        None,
    ),
    "bpftrace without -v": (
        "ERROR: Error loading program: kprobe:do_nanosleep (try -v)\n",
        "Error loading program: kprobe:do_nanosleep (try -v)",
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OWN_ERRORS)
def test_the_loaders_own_error_is_the_block_and_what_follows_from_it_is_not(name: str) -> None:
    text, line, errno = OWN_ERRORS[name]
    part = one(text)
    errors = [block for block in part.blocks if block.severity == "error"]
    assert [(block.stage, block.lines, block.errno) for block in errors] == [(Stage.LOADER, (line,), errno)]


def test_what_the_loader_remarks_beside_a_refusal_is_a_warning() -> None:
    text = "libbpf: failed to guess program type based on ELF section name '.text'\n" + log("packet")
    refusal, remark = one(text).blocks
    assert (refusal.stage, refusal.severity) == (Stage.VERIFIER, "error")
    assert (remark.stage, remark.severity) == (Stage.LOADER, "warning")


def test_two_runs_of_a_loader_are_two_transcripts() -> None:
    assert len(read(OWN_ERRORS["a map"][0] + OWN_ERRORS["an extern"][0])) == 2


BTF_LOG = (
    "libbpf: BTF loading error: -22\nlibbpf: -- BEGIN BTF LOAD LOG ---\nmagic: 0xeb9f\nversion: 1\n"
    "flags: 0x0\n"
    "hdr_len: 24\n[1] PTR (anon) type_id=2\n[2] INT int size=4 bits_offset=0 nr_bits=32 encoding=SIGNED\n"
    "[3] STRUCT flow size=8 vlen=1\n\tkey type_id=2 bits_offset=0\n[4] FUNC drop type_id=1 Invalid arg#1\n"
    "-- END BTF LOAD LOG --\n"
)


def test_the_type_that_the_kernel_did_not_like_is_the_last_it_listed() -> None:
    text = BTF_LOG + "libbpf: Error loading .BTF into kernel: -22. BTF is mandatory, can't proceed.\n"
    assert error(text).lines == ("[4] FUNC drop type_id=1 Invalid arg#1",)


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("btf-array-index", "[3] ARRAY (anon) type_id=2 index_type_id=11 nr_elems=1 Invalid index"),
        ("btf-member-outside", "b type_id=12 bits_offset=64 Member bits_offset exceeds its struct size"),
        ("btf-loop", "[11] STRUCT pair size=24 vlen=3 Loop detected"),
    ],
)
def test_what_kernels_say_of_damaged_btf_is_the_only_error(log: str, said: str) -> None:
    """Objects with a changed byte in .BTF, loaded by libbpf 1.7 on 7.3; 5.10 says the same of them."""
    (block,) = one(lzma.decompress((DATA / f"{log}-7.3.log.xz").read_bytes())).blocks
    assert (block.lines, block.stage, block.severity) == ((said,), Stage.VERIFIER, "error")
    assert catalogue.load().find(block).rule == "btf-type-wrong"


def test_btf_that_was_not_needed_is_a_warning_to_what_comes_next() -> None:
    text = (
        BTF_LOG + "libbpf: Error loading .BTF into kernel: -22. BTF is optional, ignoring.\n" + log("packet")
    )
    refusal, btf = one(text).blocks
    assert refusal.insn == 1
    assert (btf.lines, btf.severity) == (("[4] FUNC drop type_id=1 Invalid arg#1",), "warning")
