from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor import capture
from bpfdoctor.capture import cscan, detect, folders
from bpfdoctor.formats.c_text import code_only
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import Flavour
from tests.unit.capture.running import Write

LIBBPF = '#include <bpf/bpf_helpers.h>\nSEC("xdp") int pass(struct xdp_md *ctx) { return 2; }\n'
BCC = "BPF_HASH(seen, u32);\nint kprobe__do_exit(struct pt_regs *ctx) { return 0; }\n"


@pytest.mark.parametrize(
    ("name", "text", "flavour"),
    [
        ("a.bpf.c", LIBBPF, Flavour.LIBBPF),
        ("a.c", BCC, Flavour.BCC),
        ("a.c", "int hello(void *ctx) { return 0; }\n", Flavour.BCC),
        ("a.c", "TRACEPOINT_PROBE(sched, sched_switch) { return 0; }\n", Flavour.BCC),
        ("a.c", '#include "vmlinux.h"\nPROG(x) { return 0; }\n', Flavour.LIBBPF),
        ("a.c", '/* SEC(x) */ // SEC(y)\nint f(struct pt_regs *ctx) { char s[] = "SEC(z)"; }\n', Flavour.BCC),
        (
            "a.c",
            '#define BPF_HASH(n) struct n\nSEC(".maps") BPF_HASH(m);\nSEC("xdp") int f() {}\n',
            Flavour.LIBBPF,
        ),
        (
            "a.c",
            '#include "mine.h"\nSEC("kprobe/x")\nint kprobe__x(struct pt_regs *ctx) { return 0; }\n',
            Flavour.LIBBPF,
        ),
        (
            "a.c",
            '#include "maps.h"\nBPF_HASH(m, u32);\nSEC("xdp") int f(void *ctx) { return 0; }\n',
            Flavour.LIBBPF,
        ),
        ("tool.py", 'from bcc import BPF\nBPF(text="int f(void *ctx) { return 0; }")\n', Flavour.PYTHON),
        ("tool", '#!/usr/bin/env python3\nfrom bcc import BPF\nBPF(text="")\n', Flavour.PYTHON),
        ("a.log", "R3 !read_ok\n", Flavour.LOG),
        ("out", "0: (b7) r0 = 0\n1: (95) exit\nprocessed 2 insns (limit 1000000)\n", Flavour.LOG),
    ],
)
def test_each_kind_of_file_is_recognised(write: Write, name: str, text: str, flavour: Flavour) -> None:
    assert detect.flavour(write(name, text)) is flavour


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("empty.c", b"", "is empty"),
        ("blank.c", b"\n \n", "nothing but blanks"),
        ("a.c", b"int main(void) { return 0; }\n", "no BPF program"),
        ("a.c", b"\x00\x01\x02binary", "binary file"),
        ("a.o", b"\x7fELF\x02\x01\x01", "cut off after 7 bytes"),
        ("a.bc", b"BC\xc0\xde....", "LLVM bitcode"),
        ("a.c", "int f(void *ctx) { return 0; }".encode("utf-16"), "UTF-16"),
        ("a.gz", b"\x1f\x8b\x08\x00", "gzip"),
        ("a.py", b"print('hello')\n", "Python file without a BPF(text="),
        ("a.rs", b"fn main() {}\n", "is Rust"),
        (
            "a.bpf.c",
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n",
            "Git LFS keeps the file",
        ),
        ("notes.md", b"# shopping\n", "neither C with a BPF program"),
    ],
)
def test_what_cannot_be_checked_is_named(write: Write, name: str, text: bytes, words: str) -> None:
    with pytest.raises(Problem) as caught:
        detect.flavour(write(name, text))
    assert words in caught.value.sentence
    assert name in caught.value.sentence
    assert caught.value.ways_out


def test_a_directory_a_missing_file_and_a_device_are_problems(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path, "is a directory"),
        (tmp_path / "nothing.c", "There is no file"),
        (Path("/dev/null"), "is a character device"),
        (Path("a\0b"), "cannot be read"),
    ):
        with pytest.raises(Problem, match=words):
            detect.flavour(path)


def test_a_fifo_does_not_make_us_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.c")
    with pytest.raises(Problem, match="is a FIFO"):
        detect.flavour(tmp_path / "fifo.c")


def test_an_elf_file_for_this_machine_is_no_bpf_object() -> None:
    with pytest.raises(Problem, match="not for BPF"):
        detect.flavour(Path("/bin/sh"))


def test_a_file_in_both_styles_asks_which(write: Write) -> None:
    path = write("both.c", "BPF_HASH(seen, u32);\n" + LIBBPF)
    with pytest.raises(Problem) as caught:
        detect.flavour(path)
    assert "BPF_HASH on line 1 is BCC's" in caught.value.sentence
    assert "libbpf's" in caught.value.sentence
    assert "--flavour" in caught.value.ways_out[0]
    assert detect.flavour(path, Flavour.BCC) is Flavour.BCC
    assert detect.flavour(path, Flavour.LIBBPF) is Flavour.LIBBPF


def test_the_user_cannot_call_text_an_object(write: Write) -> None:
    with pytest.raises(Problem, match="not an ELF object"):
        detect.flavour(write("a.c", LIBBPF), Flavour.OBJECT)


def test_comments_and_strings_are_blanked_in_place() -> None:
    text = 'int a; // SEC("x")\n/* two\nlines */ char *s = "a\\"b"; char c = \'"\'; int z;\n'
    code = code_only(text)
    assert len(code) == len(text)
    assert code.count("\n") == text.count("\n")
    assert "SEC" not in code
    assert "lines" not in code
    assert code.index("int z") == text.index("int z")


def test_functions_are_found_with_their_parameters() -> None:
    text = (
        "\n#define X 1\nstatic inline int a(int b, char (*c)[3])\n{ if (b) { } }\n"
        "struct s { int x; };\nint d(void) { }"
    )
    found = list(cscan.functions(text))
    assert [(f.name, f.parameters, f.head, f.line) for f in found] == [
        ("a", "int b, char (*c)[3]", "static inline int", 3),
        ("d", "void", "int", 6),
    ]
    assert text[found[0].start : found[0].end] == "{ if (b) { } }"


@given(st.text(alphabet="/*\"\\\n(){};ab'#", max_size=300))
def test_any_text_can_be_scanned(text: str) -> None:
    code = code_only(text)
    assert len(code) == len(text)
    for function in cscan.functions(code):
        assert code[function.start] == "{"
        assert code[function.end - 1] == "}"


@pytest.mark.parametrize(
    "text", ["/*" * 200_000, '"' * 200_000, "(){" * 100_000, "a(" * 150_000 + "{", "'\\" * 150_000]
)
def test_scanning_hostile_text_takes_linear_time(text: str) -> None:
    assert (
        sum(1 for _ in cscan.functions(code_only(text))) <= 100_000
    )  # a quadratic scan would run for minutes


@pytest.mark.parametrize(
    "text", ["\nx" * 100_000, " \n" * 200_000 + "x", "#" * 300_000, "int " * 100_000, "1" * 400_000]
)
def test_telling_styles_apart_takes_linear_time(write: Write, text: str) -> None:
    with pytest.raises(Problem):
        detect.flavour(write("a.c", text))


def test_a_go_file_stands_for_the_c_that_bpf2go_compiles(write: Write) -> None:
    line = b"//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -type event probe probe.c -- -Ibpf\n"
    path, source = write("gen.go", b"package main\n" + line), write("probe.c", b"int x;\n")
    assert capture.programs_in(path) == [str(source)]
    source.unlink()
    assert capture.programs_in(path) == [str(path)]
    with pytest.raises(Problem, match="is Go"):
        detect.flavour(path)


def test_a_rust_file_stands_for_what_its_crate_loads(tmp_path: Path) -> None:
    files = {
        "skel/Cargo.toml": "",
        "skel/build.rs": 'use libbpf_cargo::SkeletonBuilder;\nconst SRC: &str = "src/bpf/a.bpf.c";\n',
        "skel/src/main.rs": "fn main() {}\n",
        "skel/src/bpf/a.bpf.c": "int x;\n",
        "aya/Cargo.toml": "",
        "aya/src/main.rs": 'aya::include_bytes_aligned!(concat!(env!("OUT_DIR"), "/probe"));\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    source, main = tmp_path / "skel/src/bpf/a.bpf.c", tmp_path / "aya/src/main.rs"
    assert capture.programs_in(tmp_path / "skel/src/main.rs") == [str(source)]
    assert capture.programs_in(tmp_path / "skel/build.rs") == [str(source)]
    assert capture.programs_in(main) == [str(main)]  # not built yet
    built = tmp_path / "target/bpfel-unknown-none/release/probe"
    built.parent.mkdir(parents=True)
    built.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x01\x00\xf7\x00" + bytes(44))
    assert capture.programs_in(main) == [str(built)]


def test_parts_of_a_source_are_not_programs_of_a_directory(tmp_path: Path) -> None:
    program = 'SEC("kprobe/{0}") int {0}(void *ctx) {{ return 0; }}\n'
    (tmp_path / "l7").mkdir()
    (tmp_path / "whole.c").write_text('#include <linux/bpf.h>\n#include "l7/part.c"\n')
    (tmp_path / "l7" / "part.c").write_text(program.format("part"))
    (tmp_path / "alone.c").write_text("#include <linux/bpf.h>\n" + program.format("alone"))
    (tmp_path / "test.c").write_text('#include "alone.c"\n')
    assert folders.programs_in(tmp_path) == [str(tmp_path / "alone.c"), str(tmp_path / "whole.c")]


@pytest.mark.parametrize(
    ("section", "is_program"),
    [("kprobe/do_exit", True), ("tracepoint", True), (".text", False), ("table", False)],
)
def test_an_attribute_names_a_program_by_its_section(tmp_path: Path, section: str, is_program: bool) -> None:
    source = tmp_path / "a.c"
    source.write_text(f'__attribute__((section("{section}"), used)) int f(void *ctx) {{ return 0; }}\n')
    assert folders.programs_in(tmp_path) == [str(source if is_program else tmp_path)]


def test_a_directory_stands_for_the_programs_in_it(write: Write, tmp_path: Path) -> None:
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / "empty").mkdir()
    for name, text in {
        "deep/er/b.bpf.c": LIBBPF,
        "a.c": BCC,
        "tool": "#!/usr/bin/python3\nfrom bcc import BPF\nBPF(text='')\n",
        ".git/c.bpf.c": LIBBPF,
        "only_maps.c": '#include "vmlinux.h"\nstruct { } m SEC(".maps");\nchar l[] SEC("license") = "GPL";\n',
        "main.c": "#include <bpf/libbpf.h>\nint main(void) { return 0; }\n",
        "loader.c": '#include <stdio.h>\nint load(struct bpf_insn *insns) { return 0; } /* SEC("xdp") */\n',
        "filter.c": 'int run(struct bpf_insn *insns) { return 0; } /* BPF_, SEC("xdp") */\n',
        "notes.md": LIBBPF,
    }.items():
        write(name, text)
    found = [os.path.relpath(path, tmp_path) for path in folders.programs_in(tmp_path)]
    assert found == ["a.c", "deep/er/b.bpf.c", "tool"]
    empty = tmp_path / "empty"
    assert folders.programs_in(empty) == [str(empty)]
    with pytest.raises(Problem, match="no BPF program was found"):
        detect.flavour(empty)
