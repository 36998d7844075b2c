"""`bpfdoctor check` on real programs, a real compiler and the kernel this runs on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from bpfdoctor.lab.kernels import LabKernel
from tests.cli.command import BPFDOCTOR, ROOT, bpfdoctor, environment
from tests.compilers import CLANG

CASE = ROOT / "corpus/cases/packet-bounds/udp-after-ip-check"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

TWO_PROGRAMS = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int fine(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp")
int broken(struct xdp_md *ctx)
{
	char *data = (void *)(long)ctx->data;

	return *data ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
"""


@pytest.fixture
def two(tmp_path: Path) -> Path:
    path = tmp_path / "two.bpf.c"
    path.write_text(TWO_PROGRAMS)
    return path


@needs_root
def test_a_refusal_is_explained_at_its_line() -> None:
    line = next(
        number
        for number, text in enumerate((CASE / "prog.bpf.c").read_text().splitlines(), 1)
        if "expect: packet-bounds" in text
    )
    done = bpfdoctor("check", CASE / "prog.bpf.c")
    assert done.status == 1 and done.err == ""
    assert "packet-bounds: this access can run past the end of the packet" in done.out
    assert f"prog.bpf.c:{line}:" in done.out and f"\n{line} │" in done.out
    assert "the verifier wants" in done.out and "1 program refused (kernel " in done.out


@needs_root
def test_a_program_that_loads_is_fine() -> None:
    done = bpfdoctor("check", CASE / "fixed.bpf.c")
    assert done.status == 0 and done.out.startswith("ok ") and " loads, " in done.out


@needs_root
def test_one_refusal_hides_no_other_program(two: Path) -> None:
    reports = json.loads(bpfdoctor("check", two, "--output-format", "json").out)["reports"]
    assert {r["program"]["name"]: r["verdict"] for r in reports} == {"fine": "loads", "broken": "refused"}


@needs_root
def test_all_paths_of_what_loads_are_stepped_through_where_that_is_asked(two: Path) -> None:
    done = bpfdoctor("check", two, "--output-format", "html", "--all-paths")
    assert "Step through a path that the verifier walked" in done.out
    assert "Step through the refused path" in done.out
    done = bpfdoctor("check", two, "--output-format", "html")
    assert "Step through the refused path" in done.out and "that the verifier walked" not in done.out
    done = bpfdoctor("check", two, "--all-paths")
    assert done.status == 2 and "--output-format html" in done.err


@needs_root
def test_one_program_can_be_picked(two: Path) -> None:
    assert bpfdoctor("check", two, "--prog", "fine").status == 0
    assert bpfdoctor("check", two, "--prog", "broken").status == 1


@needs_root
def test_a_file_that_is_missing_loses_no_other(two: Path) -> None:
    done = bpfdoctor("check", "/nonexistent.bpf.c", two)
    assert done.status == 2 and "packet-bounds" in done.out and "/nonexistent.bpf.c" in done.err


@needs_root
def test_annotations_have_paths_of_the_repository(two: Path) -> None:
    done = bpfdoctor("check", two, "--output-format", "github", cwd=two.parent)
    assert done.status == 1 and ",file=two.bpf.c,line=15," in done.out


@needs_root
def test_nothing_stays_behind(two: Path) -> None:
    def loaded() -> set[str]:
        listed = subprocess.run(["bpftool", "prog", "show", "-j"], capture_output=True, text=True, check=True)
        return {program.get("name", "") for program in json.loads(listed.stdout or "[]")}

    bpfdoctor("check", two, cwd=two.parent)
    assert "fine" not in loaded()
    assert os.listdir(two.parent) == ["two.bpf.c"]


def test_compiling_needs_no_privilege(two: Path) -> None:
    done = without_privilege("check", "--no-load", str(two))
    assert done.returncode == 0 and "2 programs compile" in done.stdout, done.stderr


def test_an_error_of_the_compiler_is_told_without_privilege(two: Path, tmp_path: Path) -> None:
    two.write_text(two.read_text().replace("return XDP_PASS", "return NOTHING", 1))
    done = without_privilege("check", str(two), cache=tmp_path)
    assert done.returncode == 1 and "NOTHING" in done.stdout and "two.bpf.c:7:9" in done.stdout, done.stderr


@needs_root
def test_without_privilege_and_a_lab_there_is_a_sentence_and_a_way_out(two: Path, tmp_path: Path) -> None:
    done = without_privilege("check", str(two), cache=tmp_path)
    first, *ways = done.stderr.splitlines()
    assert done.returncode == 2 and first.startswith("error: ") and "Traceback" not in done.stderr
    assert len(ways) >= 2 and "CAP_BPF" in done.stderr


@needs_root
def test_without_privilege_and_qemu_a_kernel_in_the_cache_hides_no_way_out(two: Path, tmp_path: Path) -> None:
    """A kernel that was fetched once is of no use when QEMU is removed: `sudo` still is."""
    kernel = tmp_path / "bpfdoctor/lab/kernels/6.12.1-1"
    kernel.mkdir(parents=True)
    (kernel / "vmlinuz").touch()
    compiler = shutil.which(CLANG)
    assert compiler
    (tmp_path / CLANG).symlink_to(compiler)
    described = asdict(
        LabKernel("6.12.1-1", "6.12.1", "6.12.1", "", "x86_64", "Debian", package="linux-image")
    )
    del described["folder"]
    (kernel / "description.json").write_text(json.dumps(described))
    done = without_privilege("check", str(two), cache=tmp_path, path=str(tmp_path))
    error, *ways = done.stderr.splitlines()
    assert done.returncode == 2 and error.startswith("error: ") and "CAP_BPF" in error
    assert "sudo" in ways[0] and "--no-load" in ways[1]
    assert "kernel 6.12.1" in ways[2] and "QEMU is not installed. Install it: sudo apt-get" in ways[2]


def without_privilege(
    *arguments: str, cache: Path | None = None, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    """The command with every capability dropped; with `cache`, also without the kernels of the lab."""
    setpriv = shutil.which("setpriv")
    assert setpriv
    drop = [setpriv, "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    changes = {"XDG_CACHE_HOME": cache and str(cache), "PATH": path}
    return subprocess.run(
        [*drop, *BPFDOCTOR, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment({key: value for key, value in changes.items() if value}),
        check=False,
    )


@needs_root
def test_a_refusal_is_told_without_a_cache() -> None:
    """Experiments look for newer kernels in the cache; where there is none, none is asked."""
    done = bpfdoctor("check", CASE / "prog.bpf.c", env={"XDG_CACHE_HOME": "/proc/nowhere"})
    assert done.status == 1 and "packet-bounds" in done.out and "cache" not in done.err


def test_headers_and_macros_are_passed_on(tmp_path: Path) -> None:
    (tmp_path / "include").mkdir()
    (tmp_path / "include/mine.h").write_text("#define WHAT XDP_PASS\n")
    program = tmp_path / "p.bpf.c"
    program.write_text(
        '#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include "mine.h"\n'
        'SEC("xdp") int p(struct xdp_md *ctx) { return WHAT + EXTRA; }\n'
    )
    command = ("check", "--no-load", program)
    assert bpfdoctor(*command).status == 1
    assert bpfdoctor(*command, "-I", tmp_path / "include", "-DEXTRA=0").status == 0
    assert bpfdoctor(*command, "--cflags", f"-I{tmp_path}/include -DEXTRA=0").status == 0


def test_a_missing_header_is_named(tmp_path: Path) -> None:
    program = tmp_path / "p.bpf.c"
    program.write_text('#include "nowhere.h"\nSEC("xdp") int p(struct xdp_md *ctx) { return 0; }\n')
    done = bpfdoctor("check", "--no-load", program)
    assert done.status == 1 and "nowhere.h" in done.out and "p.bpf.c:1:10" in done.out


def test_flags_that_cannot_be_split_are_a_problem(two: Path) -> None:
    done = bpfdoctor("check", "--no-load", two, "--cflags", "-DX='")
    assert done.status == 2 and "--cflags" in done.err and "Traceback" not in done.err


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02" * 50, b"int main(void) { return 0; }\n"])
def test_what_is_no_program_is_a_problem_or_an_error_but_no_traceback(content: bytes, tmp_path: Path) -> None:
    program = tmp_path / "x.c"
    program.write_bytes(content)
    done = bpfdoctor("check", "--no-load", program)
    assert done.status in (1, 2) and "Traceback" not in done.err and "bug in bpfdoctor" not in done.err


def test_a_directory_is_a_problem(tmp_path: Path) -> None:
    done = bpfdoctor("check", tmp_path)
    assert done.status == 2 and str(tmp_path) in done.err


def test_a_compiler_that_does_not_exist_is_a_problem(two: Path) -> None:
    done = bpfdoctor("check", "--no-load", two, "--clang", "/nonexistent/clang")
    assert done.status == 2 and "/nonexistent/clang" in done.err


def test_one_mistake_at_several_places_is_drawn_once(tmp_path: Path) -> None:
    path = tmp_path / "a.bpf.c"
    uses = "\tunknown_helper(ctx);\n" * 2 + "\twibble x;\n" + "\twibble y;\n"
    path.write_text(TWO_PROGRAMS.replace("\treturn XDP_PASS;\n", uses + "\treturn missing + missing;\n", 1))
    done = bpfdoctor("check", "--no-load", path)
    assert done.status == 1
    assert done.out.count("missing is not declared here") == 1
    assert done.out.count("wibble is not declared here") == 1
    assert done.out.count("the same here") == 2  # the type and the name; clang warns of a function once


@needs_root
def test_a_directory_stands_for_the_programs_in_it(two: Path) -> None:
    (two.parent / "notes.txt").write_text("none\n")
    done = bpfdoctor("check", two.parent)
    assert done.status == 1
    assert "2 programs: 1 loads, 1 refused" in done.out
    empty = two.parent / "empty"
    empty.mkdir()
    done = bpfdoctor("check", empty)
    assert (done.status, done.out) == (2, "")
    assert "no BPF program was found" in done.err


BARE = """\
__attribute__((section("xdp"), used)) int fine(void *ctx) { return 2; }
__attribute__((section("xdp"), used)) int broken(unsigned *ctx) { return *(char *)(long)*ctx; }
"""


def a_loader(folder: Path, *sources: str) -> Path:
    """A binary of this machine that has the objects of C sources inside, as libbpf's skeletons have."""
    data = ""
    for number, source in enumerate(sources):
        made = folder / f"{number}.o"
        command = [CLANG, "-target", "bpf", "-O2", "-g", "-x", "c", "-c", "-", "-o", str(made)]
        subprocess.run(command, input=source.encode(), check=True)
        data += f'.incbin "{made}"\n'
    loader = folder / "loader"
    command = [CLANG, "-x", "assembler", "-c", "-", "-o", str(loader)]
    subprocess.run(command, input=f'.section .rodata\n.ascii "usage"\n{data}'.encode(), check=True)
    return loader


@needs_root
def test_the_object_inside_a_loader_is_checked(tmp_path: Path) -> None:
    loader = a_loader(tmp_path, BARE)
    done = bpfdoctor("check", loader)
    assert done.status == 1 and done.err == ""
    assert "packet-bounds: this access" in done.out and f"ok {loader}: fine (xdp) loads" in done.out
    assert bpfdoctor("preflight", loader).status == 0


@needs_root
def test_several_objects_inside_a_loader_are_numbered(tmp_path: Path) -> None:
    loader = a_loader(tmp_path, BARE, BARE.replace("broken", "other"))
    done = bpfdoctor("check", loader, "--output-format", "json")
    programs = [(report["source"], report["program"]["name"]) for report in json.loads(done.out)["reports"]]
    assert programs == [
        (f"{loader}#1", "fine"), (f"{loader}#1", "broken"), (f"{loader}#2", "fine"), (f"{loader}#2", "other"),
    ]  # fmt: skip
    alone = bpfdoctor("check", f"{loader}#2", "--prog", "other")
    assert alone.status == 1 and "other (xdp)" in alone.out
    beyond = bpfdoctor("check", f"{loader}#3")
    assert beyond.status == 2 and "has 2 BPF objects inside, and no number 3" in beyond.err


def test_a_binary_without_an_object_says_so(tmp_path: Path) -> None:
    done = bpfdoctor("check", a_loader(tmp_path))
    assert done.status == 2 and "has no BPF object inside" in done.err


def test_an_object_that_was_compiled_for_the_machine_says_what_its_compiler_was_not_told(
    tmp_path: Path,
) -> None:
    source, made = tmp_path / "a.bpf.c", tmp_path / "a.o"
    programs = [f'SEC("{name}") int f{at}(void *c) {{ return 0; }}' for at, name in enumerate(NATIVE)]
    source.write_text("\n".join(["#define SEC(x) __attribute__((section(x), used))", *programs]))
    subprocess.run([CLANG, "-O2", "-c", source, "-o", made], check=True)
    for command in ("check", "preflight"):
        done = bpfdoctor(command, made)
        assert done.status == 2 and "has no BPF object inside" in done.err  # no license, no maps: not ours
    with source.open("a") as more:
        more.write('\nchar _license[] SEC("license") = "GPL";')
    subprocess.run([CLANG, "-O2", "-c", source, "-o", made], check=True)
    for command in ("check", "preflight"):
        done = bpfdoctor(command, made)
        assert done.status == 2 and "not for BPF: its sections xdp, kprobe/vfs_read, tc hold" in done.err
        assert "-target bpf" in done.err


NATIVE = ("xdp", "kprobe/vfs_read", "tc")


@needs_root
def test_a_setting_that_is_refused_is_explained(tmp_path: Path) -> None:
    path = tmp_path / "a.bpf.c"
    constant = "const volatile int careful = 1;\n"
    path.write_text(
        constant + TWO_PROGRAMS.replace("\treturn *data", "\tif (careful)\n\t\treturn 2;\n\treturn *data")
    )
    assert bpfdoctor("check", path).status == 0
    done = bpfdoctor("check", path, "--set", "careful=0")
    assert done.status == 1 and "a.bpf.c:18:" in done.out
    done = bpfdoctor("check", path, "--set", "careless=0")
    assert done.status == 2 and "careful" in done.err


@needs_root
def test_one_cause_in_several_programs_is_told_once_in_every_format(tmp_path: Path) -> None:
    path = tmp_path / "a.bpf.c"
    program = 'SEC("fentry")\nint {0}(void *ctx)\n{{\n\treturn 0;\n}}\n'
    names = ("one", "two", "three")
    head = "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n"
    license = 'char LICENSE[] SEC("license") = "GPL";\n'
    path.write_text(head + "".join(map(program.format, names)) + license)
    done = bpfdoctor("check", path)
    assert done.out.count("attach-target: the program cannot be attached") == 1
    assert "the same: two, three" in done.out
    done = bpfdoctor("check", path, "--output-format", "concise")
    [line] = done.out.splitlines()
    assert line.startswith(f"{path} (one): error[BD552] attach-target: ")
    assert line.endswith("(the same: two, three)")
    done = bpfdoctor("check", path, "--output-format", "json")
    reports = json.loads(done.out)["reports"]
    assert [report["findings"][0]["same_as"] for report in reports] == [None, "one", "one"]
