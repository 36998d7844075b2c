"""What a source wants of a newer libbpf or clang is said once, and in place of what follows from it."""

from __future__ import annotations

import re
from pathlib import Path

from bpfdoctor import capture
from bpfdoctor.capture import newer
from bpfdoctor.kernel import libbpf
from bpfdoctor.model.report import CaptureOptions, RawReport, Verdict
from tests.compilers import CLANGS
from tests.unit.capture.running import Write, text_of

OLD_HELPERS = """#define SEC(name) __attribute__((section(name), used))
static long (*bpf_ktime)(void) = (void *)5;
"""
LOOP = """#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("xdp") int drop(struct xdp_md *ctx)
{
	int i;
	bpf_for(i, 0, 10) {
		if (ctx->data == i)
			continue;
	}
	return 0;
}
"""


def checked(path: Path, **options: object) -> RawReport:
    [report] = capture.check(path, CaptureOptions(load=False, **options))  # type: ignore[arg-type]
    return report


def test_a_macro_of_a_later_libbpf_is_named_with_both_versions(write: Write, tmp_path: Path) -> None:
    folder = tmp_path / "old/bpf"
    folder.mkdir(parents=True)
    (folder / "bpf_helpers.h").write_text(OLD_HELPERS)
    version = "#define LIBBPF_MAJOR_VERSION 1\n#define LIBBPF_MINOR_VERSION 1\n"
    (folder / "libbpf_version.h").write_text(version)
    path = write("a.bpf.c", LOOP)
    report = checked(path, include_dirs=(str(folder.parent),))
    assert report.verdict is Verdict.NOT_COMPILED
    has = f"the headers in {folder} are those of 1.1"
    assert re.fullmatch(
        rf"{re.escape(str(path))}:6:\d+: error: bpf_for came with libbpf 1.2, and {re.escape(has)}\n",
        text_of(report),
    )
    (folder / "libbpf_version.h").unlink()
    report = checked(path, include_dirs=(str(folder.parent),))
    assert "those of an older one" in text_of(report)


def test_a_name_of_the_users_that_is_in_no_table_is_left_to_clang(write: Write) -> None:
    report = checked(write("a.bpf.c", LOOP.replace("bpf_for(", "bpf_loop_over(")))
    assert "came with" not in text_of(report)
    assert "bpf_loop_over" in text_of(report)


def test_a_word_of_c23_asks_for_the_clang_that_knows_it(write: Write) -> None:
    text = LOOP.replace("bpf_for(i, 0, 10)", "for (i = 0; i < 10; i++)").replace(
        "int i;", "int i; bool b = ctx->data;"
    )
    path = write("a.bpf.c", text.replace("return 0", "return b"))
    for clang in CLANGS:
        report = checked(path, clang=clang, cflags=("-std=gnu2x",))
        major = int(re.findall(r"\d+", report.compiler or "")[0])
        known = report.verdict is Verdict.NOT_ASKED
        assert known is (major >= 15), report.compiler
        if not known:
            assert f"bool is a word of C23 (-std=gnu2x), which clang {major} does not know yet" in text_of(
                report
            )


def test_without_c23_an_unknown_bool_is_the_sources_own() -> None:
    message = b"a.c:1:1: error: unknown type name 'bool'\n"
    assert newer.reason(message, ["-std=gnu2x"], "clang 14.0.6").startswith(
        "a.c:1:1: error: bool is a word of C23"
    )
    assert newer.reason(message, ["-std=gnu11"], "clang 14.0.6") == ""
    assert newer.reason(message, ["-std=gnu2x"], "clang 19.1.0") == ""


def test_the_table_has_what_releases_brought() -> None:
    assert libbpf.names()["BPF_UPROBE"] == "1.2"
    assert libbpf.names()["bpf_ksym_exists"] == "1.2"
    assert libbpf.section_since("tcx/ingress") == "1.3"
    assert libbpf.section_since(".struct_ops.link") == "1.2"
    assert "SEC" not in libbpf.names()
    assert libbpf.number("1.10") > libbpf.number("1.9")


def test_a_macro_of_the_projects_own_is_not_taken_for_libbpfs(write: Write) -> None:
    """The mistake on its line is the source's."""
    own = "#undef unlikely\n#define unlikely(x) (x)\n#undef bpf_for\n#define bpf_for(a, b, c) while (0)\n"
    text = LOOP.replace("SEC", own + "SEC", 1).replace("\t\tif (ctx", "\t\tif (unlikely(1) && nothing && ctx")
    report = checked(write("a.bpf.c", text.replace("bpf_for(i, 0, 10)", "bpf_for(i, 0, absent +)")))
    assert "'nothing'" in text_of(report)
    assert "came with" not in text_of(report)


def test_a_name_that_the_kernel_has_and_its_header_here_not_yet() -> None:
    said = "a.bpf.c:7:9: error: use of undeclared identifier 'BPF_F_NEW'\n"
    expected = (
        "a.bpf.c:7:9: error: BPF_F_NEW is in this kernel's types, and not yet in /usr/include/linux/bpf.h"
    )
    assert newer.older_uapi(said, "BPF_F_NEWER = 1,", b"\tBPF_F_NEW = 2,\n") == expected
    assert not newer.older_uapi(said, "BPF_F_NEW = 2,", b"\tBPF_F_NEW = 2,\n")  # it is not included
    assert not newer.older_uapi(said, "", b"\tBPF_F_NEWER = 2,\n")
