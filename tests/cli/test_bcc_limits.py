"""What BCC itself refuses: a rule for each, at the user's line, with a patch that loads if there is one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bpfdoctor.kernel.headers import HEADERS
from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.edits import apply
from bpfdoctor.model.report import CaptureOptions, Verdict
from bpfdoctor.pipeline import check

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

PTRACE = "#include <uapi/linux/ptrace.h>\n"
# Program, rule, a word of the headline; the refused line ends with a mark.
REFUSED = {
    "a map method": (
        PTRACE + "BPF_HASH(h, u64, u64);\n#define GET(m, k) m.lookup(&(k))\n"
        "int f(void *ctx) { u64 k = 1; u64 *v = GET(h, k); return v ? *v : 0; } // here\n",
        "bcc-in-macro",
        "map",
    ),
    "a builtin": (
        PTRACE + '#define SAY(n) bpf_trace_printk("%d\\n", n)\n'
        "int f(void *ctx) { SAY(1); return 0; } // here\n",
        "bcc-in-macro",
        "own functions",
    ),
    "a key that is defined below": (
        PTRACE + "BPF_HASH(h, struct key_t, u64); // here\nstruct key_t { u64 a; };\n"
        "int f(void *ctx) { struct key_t k = {}; h.increment(k); return 0; }\n",
        "type-not-defined",
        "struct key_t is defined further down, on line 3",
    ),
    "values of a histogram": (
        PTRACE + 'BPF_TABLE("histogram", u32, u32, sizes, 10); // here\n'
        "int f(void *ctx) { sizes.increment(1); return 0; }\n",
        "bcc-map-definition",
        "u64",
    ),
    "stacks of a hash": (
        PTRACE + "BPF_HASH(h, u32, u32);\n"
        "int f(struct pt_regs *ctx) { return h.get_stackid(ctx, 0); } // here\n",
        "bcc-map-definition",
        "stacks",
    ),
    "a parameter without a name": (
        PTRACE + "int f(struct pt_regs *, int fd) { return 0; } // here\n",
        "bcc-program-parameters",
        "name",
    ),
    "four numbers": (
        PTRACE + 'int f(void *ctx) { bpf_trace_printk("%d%d%d%d", 1, 2, 3, 4); return 0; } // here\n',
        "trace-printk-arguments",
        "three",
    ),
    "no header at all": (
        "int f(struct pt_regs *ctx) { return ctx->di; } // here\n",
        "type-not-defined",
        "uapi/linux/ptrace.h",
    ),
    "a header too few": (
        PTRACE + "int f(struct pt_regs *ctx, struct sock *sk) { return sk->sk_family; } // here\n",
        "type-not-defined",
        "net/sock.h",
    ),
}
SOME = sorted(HEADERS)[::8]  # each is a compilation of a second; the slow part takes the others
WITH_PATCH = ("a map method", "a builtin", "no header at all", "a header too few")


def refused(path: Path, text: str) -> Diagnosis:
    path.write_text(text)
    [report] = check(path, CaptureOptions())
    return report.diagnoses[0]


@pytest.mark.parametrize("name", REFUSED)
def test_each_limit_has_a_rule_at_the_users_line(name: str, tmp_path: Path) -> None:
    text, rule, word = REFUSED[name]
    found = refused(tmp_path / "prog.c", text)
    [line] = [number for number, each in enumerate(text.splitlines(), 1) if each.endswith("// here")]
    assert (found.rule, found.location and found.location.line) == (rule, line)
    assert word in found.headline and found.faults == ()


@pytest.mark.parametrize("name", WITH_PATCH)
def test_its_patch_loads(name: str, tmp_path: Path) -> None:
    path, text = tmp_path / "prog.c", REFUSED[name][0]
    path.write_text(apply(text, refused(path, text).fixes[0].edits))
    assert {report.verdict for report in check(path, CaptureOptions())} == {Verdict.LOADS}, path.read_text()


def test_more_values_than_bpf_trace_printk_takes_are_one_finding(tmp_path: Path) -> None:
    path = tmp_path / "prog.c"
    path.write_text(REFUSED["four numbers"][0])
    assert [len(report.diagnoses) for report in check(path, CaptureOptions())] == [1]


def has_its_structure(name: str, path: Path) -> None:
    path.write_text(f"#include <{HEADERS[name]}>\nint f(void *ctx) {{ return sizeof(struct {name}); }}\n")
    [report] = check(path, CaptureOptions(load=False))
    assert report.verdict is Verdict.NOT_ASKED, name


@pytest.mark.parametrize("name", SOME)
def test_a_header_has_its_structure(name: str, tmp_path: Path) -> None:
    has_its_structure(name, tmp_path / "prog.c")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in HEADERS if name not in SOME])
def test_every_header_has_its_structure(name: str, tmp_path: Path) -> None:
    has_its_structure(name, tmp_path / "prog.c")
