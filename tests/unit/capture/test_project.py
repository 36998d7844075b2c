"""A source of somebody's project, compiled as its author meant it, without a flag."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bpfdoctor import capture, pipeline
from bpfdoctor.capture import clang
from bpfdoctor.capture.compile_db import HOST_MACRO
from bpfdoctor.capture.project import Project
from bpfdoctor.model.report import CaptureOptions, RawReport, Verdict
from tests.unit.capture.running import text_of

Tree = Callable[[dict[str, str]], Path]
HEADS = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n"
USES_ANSWER = HEADS + 'SEC("xdp") int pass(struct xdp_md *ctx) { return ANSWER; }\n'
INCLUDES_ANSWER = USES_ANSWER.replace("SEC", '#include "answer.h"\nSEC', 1)
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")
ANSWER_H = "#define ANSWER XDP_PASS\n"
OTHER_MACHINE = "arm64" if os.uname().machine == "x86_64" else "x86"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Write files below a folder of the test's own; that folder."""

    def put(files: dict[str, str]) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return put


def checked(path: Path, **options: object) -> RawReport:
    [report] = capture.check(path, CaptureOptions(load=False, **options))  # type: ignore[arg-type]
    return report


def compiles(path: Path) -> str:
    """The notes on a source that compiles as it stands."""
    report = checked(path)
    assert report.verdict is Verdict.NOT_ASKED, text_of(report)
    return "\n".join(report.notes)


@pytest.mark.parametrize("place", ["headers", "bpf/include", "src/lib", "."])
def test_a_header_anywhere_in_the_project_is_found_and_the_note_says_where(tree: Tree, place: str) -> None:
    root = tree({"LICENSE": "", "src/bpf/a.bpf.c": INCLUDES_ANSWER, f"{place}/answer.h": ANSWER_H})
    folder = os.path.normpath(root / place)
    assert f"-I {folder}, which has answer.h" in compiles(root / "src/bpf/a.bpf.c")


def test_the_nearest_header_of_a_name_is_taken(tree: Tree) -> None:
    wrong = "#define ANSWER nothing\n"
    files = {"a/far/answer.h": wrong, "b/near/answer.h": ANSWER_H, "z/answer.h": wrong}
    root = tree({"go.mod": "", "b/src/a.bpf.c": INCLUDES_ANSWER, **files})
    assert "b/near" in compiles(root / "b/src/a.bpf.c")


def test_headers_of_headers_are_found_and_a_path_in_the_include_is_kept(tree: Tree) -> None:
    source = INCLUDES_ANSWER.replace('"answer.h"', "<common/first.h>")
    files = {"inc/common/first.h": "#include <deep/second.h>\n", "other/deep/second.h": ANSWER_H}
    root = tree({"Makefile": "all:\n", "bpf/a.bpf.c": source, **files})
    assert "inc, which has common/first.h" in compiles(root / "bpf/a.bpf.c")


def test_nothing_is_looked_for_outside_of_the_project(tree: Tree) -> None:
    files = {"project/.git/HEAD": "", "project/a.bpf.c": INCLUDES_ANSWER, "answer.h": ANSWER_H}
    root = tree({"LICENSE": "", "include/answer.h": ANSWER_H, **files})
    report = checked(root / "project/a.bpf.c")
    assert "'answer.h' file not found" in text_of(report)


def test_a_file_alone_is_no_project_and_what_is_below_its_folder_is_not_its_own(tree: Tree) -> None:
    root = tree({"a.bpf.c": INCLUDES_ANSWER, "unpacked/else/answer.h": ANSWER_H})
    assert "'answer.h' file not found" in text_of(checked(root / "a.bpf.c"))


def test_the_projects_vmlinux_h_for_this_machine_is_taken_before_ours(tree: Tree) -> None:
    own = Path("/usr/include/linux/bpf.h")
    text = f'#include "{own}"\n{ANSWER_H}'
    machine = {"x86_64": "x86", "aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    source = USES_ANSWER.replace("<linux/bpf.h>", '"vmlinux.h"')
    files = {
        f"vmlinux/{OTHER_MACHINE}/vmlinux.h": "#error wrong machine\n",
        f"vmlinux/{machine}/vmlinux.h": text,
    }
    root = tree({"LICENSE": "", "bpf/a.bpf.c": source, **files})
    notes = compiles(root / "bpf/a.bpf.c")
    assert f"vmlinux/{machine}, which has vmlinux.h" in notes
    assert "running kernel" not in notes


def test_without_a_vmlinux_h_for_this_machine_one_is_made_of_the_kernels_types(tree: Tree) -> None:
    source = USES_ANSWER.replace("<linux/bpf.h>", '"vmlinux.h"').replace("ANSWER", "XDP_PASS")
    files = {f"vmlinux/{OTHER_MACHINE}/vmlinux.h": "#error wrong machine\n"}
    root = tree({"LICENSE": "", "bpf/a.bpf.c": source, **files})
    assert "vmlinux.h was made from the running kernel's types" in compiles(root / "bpf/a.bpf.c")


def test_a_header_that_git_lfs_keeps_elsewhere_is_no_header(tree: Tree) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"
    root = tree({"LICENSE": "", "bpf/a.bpf.c": INCLUDES_ANSWER, "include/answer.h": pointer})
    assert "'answer.h' file not found" in text_of(checked(root / "bpf/a.bpf.c"))


MAKEFILE = """
include ../defs.mk
FLAGS := -I$(HERE)/inc \\
\t-Wall
ifeq ($(MODE),one) # the mode
\tMODES := -DANSWER=XDP_PASS
else ifeq ($(MODE),two)
\tMODES := -DANSWER=wrong
else
\tMODES := -DANSWER=wrong
endif
ifneq ($(shell expr 1 + 1),2)
MODES += -DANSWER=nobody_knows
endif
%.o: %.c
# a comment
\t$(CC) -O0 -fplugin=evil.so -DHOST $< -o $@
\t@clang $(FLAGS) $(MODES) -D__TARGET_ARCH_$(UNSET) -target bpf -c $< -o $@
"""


def test_the_flags_of_a_makefile_are_read_and_nothing_of_it_is_run(tree: Tree) -> None:
    run = "EVIL := $(shell touch ran)\nall:\n\ttouch ran\n"
    files = {"defs.mk": "MODE ?= one\nHERE = $(CURDIR)/../include\n", "bpf/Makefile": run + MAKEFILE}
    root = tree({"LICENSE": "", "include/inc/answer.h": "", "bpf/a.bpf.c": INCLUDES_ANSWER, **files})
    flags = Project(root / "bpf/a.bpf.c").flags
    assert flags.words == (f"-I{root}/bpf/../include/inc", "-DANSWER=XDP_PASS")
    assert "the flags in bpf/Makefile (-I" in compiles(root / "bpf/a.bpf.c")
    assert not list(root.rglob("ran"))


def test_of_several_commands_the_one_that_names_the_source_is_believed(tree: Tree) -> None:
    make = (
        "b.o: b.c\n\tclang -target bpf -DANSWER=wrong -Iother -c b.c\n"
        "a.o: a.bpf.c\n\tclang --target=bpf -DANSWER=XDP_PASS -c a.bpf.c\n"
    )
    root = tree({"Makefile": make, "other/answer.h": "", "a.bpf.c": INCLUDES_ANSWER})
    compiles(root / "a.bpf.c")


GO = """package main
//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -cc clang other ./bpf/b.c -- -DANSWER=wrong
//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -cflags "$UNKNOWN -DTWO=2" x ../bpf/a.bpf.c -- -I../h
"""


def test_the_flags_of_bpf2go_count_from_the_go_files_folder(tree: Tree) -> None:
    files = {"bpf/gen/gen.go": "", "bpf/a.bpf.c": INCLUDES_ANSWER, "h/answer.h": ANSWER_H}
    root = tree({"go.mod": "", "bpf/main.go": GO.replace("../bpf/", "./"), **files})
    flags = Project(root / "bpf/a.bpf.c").flags
    assert (flags.words, flags.said_by) == (("-DTWO=2", f"-I{root}/bpf/../h"), "bpf/main.go")
    compiles(root / "bpf/a.bpf.c")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "CMakeLists.txt",
            'set(HEADERS "${CMAKE_CURRENT_SOURCE_DIR}/h")\nlist(APPEND FLAGS -I${HEADERS} -I${NOT_KNOWN}/x)\n'
            "add_custom_command(OUTPUT o COMMAND clang -target bpf ${FLAGS} -c a.bpf.c)\n",
        ),
        ("meson.build", "bpf_flags = ['-target', 'bpf', '-I', meson.x(), '-Ih', '-Wall']\n"),
        ("build.rs", 'libbpf_cargo::SkeletonBuilder::new().clang_args(["-I", "h", "-Wall"]);\n'),
        (".clangd", "CompileFlags:\n  Add:\n    - -Ih\n    - -DANSWER=wrong\n"),
        (".clangd", "CompileFlags:\n  Add: [-xc, -Ih, '-DANSWER=wrong']\n"),
        ("compile_flags.txt", "-Ih\n-Wall\n"),
    ],
)  # fmt: skip
def test_other_build_files_say_where_headers_are(tree: Tree, name: str, text: str) -> None:
    root = tree({name: text, "h/answer.h": ANSWER_H, "a.bpf.c": INCLUDES_ANSWER})
    assert Project(root / "a.bpf.c").flags.words == (f"-I{root}/h",)
    compiles(root / "a.bpf.c")


def test_a_header_of_glibcs_for_32_bits_is_not_asked_for(tree: Tree) -> None:
    root = tree({"a.bpf.c": "#include <linux/icmp.h>\n" + USES_ANSWER.replace("ANSWER", "0")})
    compiles(root / "a.bpf.c")


def mcpu_of(path: Path, **options: object) -> list[str]:
    flags = clang.flags(CaptureOptions(**options), Project(path))  # type: ignore[arg-type]
    return [flag for flag in flags if flag.startswith("-mcpu")]


def test_the_third_instruction_set_is_the_usual_one_and_the_last_word_is_the_users(tree: Tree) -> None:
    make = "a.o:\n\tclang -target bpf -mcpu=v2 -c a.bpf.c\n"
    root = tree({"none/a.bpf.c": USES_ANSWER, "two/a.bpf.c": USES_ANSWER, "two/Makefile": make})
    assert mcpu_of(root / "none/a.bpf.c")[-1] == "-mcpu=v3"
    assert mcpu_of(root / "two/a.bpf.c")[-1] == "-mcpu=v2"
    assert mcpu_of(root / "two/a.bpf.c", cflags=("-mcpu=v1",))[-1] == "-mcpu=v1"


@pytest.mark.parametrize(
    "text",
    [
        "A = $(A)$(A)$(A)$(A)$(A)$(A)$(A)$(A)$(A)$(A)\nx:\n\tclang -target bpf $(A)\n",
        "x:\n\tclang -target bpf " + "$(" * 200_000 + "\n",
        "include Makefile\n" * 1000,
        "ifeq (a,b)\n" * 20_000,
        "endif\nelse\nelse ifeq (a,a)\n" * 2000,
        "B = " + "x" * 500_000 + "\n" + "x:\n\tclang -target bpf $(B)$(B)$(B)$(B)\n" * 100,
    ],
)
def test_a_hostile_makefile_costs_little(tree: Tree, text: str) -> None:
    root = tree({"Makefile": text, "a.bpf.c": USES_ANSWER})
    start = time.process_time()
    Project(root / "a.bpf.c")
    assert time.process_time() - start < 2


def test_a_makefile_includes_nothing_from_outside(
    tree: Tree, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "defs.mk"
    outside.write_text("FLAGS = -DANSWER=1\n")
    make = f"include {outside}\nx:\n\tclang -target bpf $(FLAGS)\n"
    root = tree({"Makefile": make, "a.bpf.c": USES_ANSWER})
    assert Project(root / "a.bpf.c").flags.words == ()


def test_a_part_of_another_source_is_said_to_be_one(tree: Tree) -> None:
    files = {"bpf/whole.c": HEADS + '#include "parts/part.c"\n', "bpf/parts/else.c": '#include "../part.c"\n'}
    part = 'SEC("xdp") int pass(struct xdp_md *ctx) { return XDP_PASS; }\n'
    root = tree({"LICENSE": "", "bpf/parts/part.c": part, **files})
    report = checked(root / "bpf/parts/part.c")
    expected = f"part.c:1:1: error: this alone does not compile, and {root}/bpf/whole.c includes it\n"
    assert text_of(report).endswith(expected)
    compiles(root / "bpf/whole.c")


def test_a_header_that_a_build_makes_and_an_empty_submodule_are_named(tree: Tree) -> None:
    root = tree({"LICENSE": "", "bpf/a.bpf.c": INCLUDES_ANSWER, "bpf/answer.h.in": "@ANSWER@\n"})
    origin = f"'answer.h' file not found: the project's build makes it from {root}/bpf/answer.h.in\n"
    assert text_of(checked(root / "bpf/a.bpf.c")).endswith(origin)
    (root / "bpf/answer.h.in").unlink()
    nowhere = "'answer.h' file not found: it is neither in the project nor installed on this machine"
    assert text_of(checked(root / "bpf/a.bpf.c")).endswith(f"{nowhere}\n")
    (root / ".gitmodules").write_text('[submodule "x"]\n\tpath = 3rdparty/x\n\turl = x\n')
    assert text_of(checked(root / "bpf/a.bpf.c")).endswith(
        f"{nowhere}; nothing is in the git submodules 3rdparty/x\n"
    )
    (root / ".gitmodules").write_text('[submodule "x"]\n\tpath = 3rdparty/answer\n\turl = x\n')
    submodule = "'answer.h' file not found: nothing is in the git submodule 3rdparty/answer\n"
    assert text_of(checked(root / "bpf/a.bpf.c")).endswith(submodule)
    (root / "3rdparty/answer").mkdir(parents=True)
    (root / "3rdparty/answer/README").write_text("")
    assert text_of(checked(root / "bpf/a.bpf.c")).endswith(f"{nowhere}\n")


def test_flags_with_which_nothing_compiles_are_left_out(
    tree: Tree,
) -> None:
    make = "a.o:\n\tclang -target bpf -Dint=nothing -c a.bpf.c\n"
    root = tree({"Makefile": make, "a.bpf.c": USES_ANSWER.replace("ANSWER", "XDP_PASS")})
    assert "Makefile" not in compiles(root / "a.bpf.c")


FLOATS = """#ifndef _BITS_FLOATN_H
#define _BITS_FLOATN_H
typedef _Complex float __cfloat128 __attribute__ ((__mode__ (__TC__)));
typedef __float128 _Float128;
#endif
"""


def test_glibcs_floats_that_bpf_does_not_have_are_left_out(tree: Tree) -> None:
    program = "#include <stdlib.h>\n" + USES_ANSWER.replace("ANSWER", "XDP_PASS")
    make = "a.o:\n\tclang -target bpf -Iinc -c a.bpf.c\n"
    root = tree({"Makefile": make, "a.bpf.c": program, "inc/bits/floatn.h": FLOATS})  # as in glibc 2.41
    assert "-D_BITS_FLOATN_H, as BPF has no __float128" in compiles(root / "a.bpf.c")


@pytest.mark.skipif(not list(Path("/usr/src").glob("linux-headers-*")), reason="no kernel headers here")
def test_headers_of_the_kernels_build_are_told_apart(tree: Tree) -> None:
    program = USES_ANSWER.replace("ANSWER", "XDP_PASS")
    root = tree({"a.bpf.c": program.replace("<linux/bpf.h>", "<uapi/linux/bpf.h>")})
    assert "include, which has uapi/linux/bpf.h" in compiles(root / "a.bpf.c")
    (root / "a.bpf.c").write_text("#include <net/sock.h>\n" + program)
    report = checked(root / "a.bpf.c")
    assert text_of(report).endswith("'net/sock.h' file not found, which is one of the kernel's own headers\n")
    assert "net/sock.h is a header for building kernel modules" in report.notes[-1]


@pytest.mark.usefixtures("kernel")
def test_the_headers_of_a_bcc_program_are_found_in_its_project_too(tree: Tree) -> None:
    bcc = '#include "src/one.h"\nint kprobe__do_exit(struct pt_regs *ctx) { return ANSWER - 2; }\n'
    files = {"src/one.h": '#include "deep/two.h"\n', "inc/deep/two.h": ANSWER_H.replace("XDP_PASS", "2")}
    root = tree({"LICENSE": "", "src/bpf/a.c": bcc, **files})
    [report] = capture.check(root / "src/bpf/a.c", CaptureOptions())
    assert report.verdict is Verdict.LOADS, text_of(report)
    assert f"-I {root}, which has src/one.h; -I {root}/inc, which has deep/two.h" in "\n".join(report.notes)


@pytest.mark.parametrize("name", ["bpf_endian.h", "libbpf/bpf_endian.h", "libbpf/src/bpf_endian.h"])
def test_a_projects_own_libbpf_that_is_not_here_is_the_installed_one(tree: Tree, name: str) -> None:
    source = f'#include "{name}"\n' + USES_ANSWER.replace("ANSWER", "bpf_htons(0x200)")
    root = tree({"LICENSE": "", "bpf/a.bpf.c": source, "alone/a.bpf.c": source})
    assert f"which has {name}" in compiles(root / "bpf/a.bpf.c")


def test_a_file_alone_is_told_that_libbpfs_headers_lie_in_a_folder(tree: Tree) -> None:
    root = tree({"a.bpf.c": '#include "bpf_endian.h"\n' + USES_ANSWER})
    assert "'bpf_endian.h' file not found\n" in text_of(checked(root / "a.bpf.c"))


def test_a_program_that_asks_which_machine_it_is_for_is_told(tree: Tree) -> None:
    macro = HOST_MACRO[os.uname().machine]
    asks = f"#if defined({macro})\n#define ANSWER XDP_PASS\n#else\n  #error Which machine?\n#endif\n"
    root = tree({"LICENSE": "", "a.bpf.c": INCLUDES_ANSWER, "answer.h": asks})
    compiles(root / "a.bpf.c")
    (root / "answer.h").write_text("#error Not for anybody.\n")
    assert "Not for anybody" in text_of(checked(root / "a.bpf.c"))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("build.sh", 'clang -target bpf -D ANSWER="$X" x.c\nclang -DANSWER=2 -DANSWERS=3 $1\n'),
        ("hack/gen.go", "//go:generate go run bpf2go Other other.c -- -DANSWER=2\n"),
        ("defs.bzl", 'COPTS = ["-DANSWER=2", "-Wall"]\n'),
    ],
)
def test_a_macro_that_the_build_sets_has_its_value(tree: Tree, file: str, text: str) -> None:
    root = tree({"LICENSE": "", "bpf/a.bpf.c": USES_ANSWER, file: text})
    assert f"-DANSWER=2, as in {root}/{file}" in compiles(root / "bpf/a.bpf.c")


def test_a_macro_whose_value_the_build_works_out_is_named(tree: Tree) -> None:
    root = tree({"LICENSE": "", "bpf/a.bpf.c": USES_ANSWER, "build.sh": "clang -DANSWER=$(nproc) $1\n"})
    sets = f"the project's build sets ANSWER, in {root}/build.sh, to what it works out\n"
    assert text_of(checked(root / "bpf/a.bpf.c")).endswith(sets)


def test_bpf2go_in_another_folder_of_the_project_counts(tree: Tree) -> None:
    line = (
        "//go:generate go run github.com/cilium/ebpf/cmd/bpf2go -cflags $X Tool ../../bpf/a.c -- -DANSWER=2\n"
    )
    root = tree({"go.mod": "", "pkg/tool/gen.go": f"package tool\n\n{line}", "bpf/a.c": USES_ANSWER})
    assert "the flags in pkg/tool/gen.go (-DANSWER=2)" in compiles(root / "bpf/a.c")


def test_a_source_whose_programs_are_in_its_headers_is_libbpfs(tree: Tree) -> None:
    root = tree({"LICENSE": "", "a_kern.c": '#include "deep.h"\n', "deep.h": '#include "prog.h"\n'})
    (root / "prog.h").write_text(USES_ANSWER.replace("ANSWER", "XDP_PASS"))
    compiles(root / "a_kern.c")
    assert capture.programs_in(root) == [str(root / "a_kern.c")]


def test_of_the_folders_only_those_whose_headers_were_read_are_told(tree: Tree) -> None:
    source = '#include "one/answer.h"\n#ifdef NEVER\n#include "two/other.h"\n#endif\n' + USES_ANSWER
    root = tree({"LICENSE": "", "x/one/answer.h": ANSWER_H, "y/two/other.h": "", "bpf/a.bpf.c": source})
    notes = compiles(root / "bpf/a.bpf.c")
    assert "which has one/answer.h" in notes
    assert "two/other.h" not in notes


def test_flags_for_cplusplus_and_for_other_machines_are_not_taken_over(tree: Tree) -> None:
    other = "__aarch64__" if os.uname().machine == "x86_64" else "__x86_64__"
    flags = f"-std=gnu++17 -D{other} -D_CALL_ELF=2 -D@0@ -DANSWER=2"
    root = tree({"a.bpf.c": USES_ANSWER, "Makefile": f"a.o:\n\tclang {flags} -target bpf -c a.bpf.c\n"})
    assert "(-DANSWER=2)" in compiles(root / "a.bpf.c")


def test_a_part_that_is_included_from_the_projects_root_is_said_to_be_one(tree: Tree) -> None:
    whole = HEADS + "#define ANSWER 2\n" + "\n" * 20_000 + '#include "bpf/part.bpf.c"\n'
    root = tree({"LICENSE": "", "bpf/whole.bpf.c": whole, "bpf/part.bpf.c": USES_ANSWER})
    assert text_of(checked(root / "bpf/part.bpf.c")).endswith(f"{root}/bpf/whole.bpf.c includes it\n")


def test_only_commands_that_compile_have_flags_for_a_program(tree: Tree) -> None:
    make = "BPF = -target bpf -DANSWER=2\nx:\n\tbindgen a.h -- -DBINDGEN $(BPF)\n\tclang $(BPF) -c a.bpf.c\n"
    root = tree({"a.bpf.c": USES_ANSWER, "Makefile": make})
    assert "(-DANSWER=2)" in compiles(root / "a.bpf.c")


def test_a_source_that_the_build_leaves_out_is_said_to_be_one(tree: Tree) -> None:
    sources = {f"{name}.bpf.c": USES_ANSWER for name in ("a", "b", "c", "old")}
    root = tree({**sources, "meson.build": "bpf = files('a.bpf.c', 'b.bpf.c', 'c.bpf.c') # 'old.bpf.c'\n"})
    assert "and not old.bpf.c: perhaps" in "".join(checked(root / "old.bpf.c").notes)
    assert checked(root / "a.bpf.c").notes == ()


def test_attributes_of_c23_compile_with_every_clang(tree: Tree) -> None:
    source = HEADS + "static int f([[maybe_unused]] int x) { return 2; }\n"
    root = tree({"a.bpf.c": source + USES_ANSWER.replace(HEADS, "").replace("ANSWER", "f(1)")})
    compiles(root / "a.bpf.c")


def test_a_map_as_it_was_before_libbpf_1_is_told_as_such(tree: Tree) -> None:
    old = 'struct bpf_map_def SEC("maps") m = {.type = BPF_MAP_TYPE_ARRAY};\n'
    root = tree({"a.bpf.c": HEADS + old + USES_ANSWER.replace(HEADS, "").replace("ANSWER", "2")})
    [report] = pipeline.diagnosed([checked(root / "a.bpf.c")])
    assert [diagnosis.finding.rule for diagnosis in report.diagnoses] == ["legacy-map-definition"]


@needs_root
def test_a_static_program_loads_as_with_loaders_that_take_it(tree: Tree) -> None:
    static = USES_ANSWER.replace("ANSWER", "2").replace("int pass", "static int pass")
    [report] = capture.check(tree({"a.bpf.c": static}) / "a.bpf.c", CaptureOptions())
    assert report.verdict is Verdict.LOADS
    assert report.notes == (
        "pass is static: libbpf refuses that, other loaders do not. Loaded as if there were no `static`.",
    )


@needs_root
@pytest.mark.parametrize(
    "definition",
    ["int answer = 2;", 'int answer SEC(".data") = 2;', "VARIABLE(int, answer, 2)", "int answer[1] = {2};"],
)
def test_a_name_that_another_source_defines_is_told_as_such(tree: Tree, definition: str) -> None:
    declared = HEADS + "extern int answer;\n" + USES_ANSWER.replace(HEADS, "").replace("ANSWER", "answer")
    root = tree({"LICENSE": "", "bpf/a.bpf.c": declared, "bpf/b.bpf.c": definition + "\n"})
    [report] = capture.check(root / "bpf/a.bpf.c", CaptureOptions())
    assert f"'answer': it is defined in {root}/bpf/b.bpf.c, another" in text_of(report)
    (root / "bpf/b.bpf.c").write_text("extern int answer;\nint f(void) { return answer; }\n")
    [report] = capture.check(root / "bpf/a.bpf.c", CaptureOptions())
    assert "another source" not in text_of(report)
