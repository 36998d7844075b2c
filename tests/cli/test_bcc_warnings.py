"""BCC programs that load and are wrong are warned about at the line; those that are right are not."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from bpfdoctor.model.diagnosis import Diagnosis, Severity
from bpfdoctor.model.edits import apply
from bpfdoctor.model.report import CaptureOptions, Verdict
from bpfdoctor.pipeline import check
from tests.cli.command import ROOT

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

CASES = ROOT / "corpus/cases"
RULES = ("unset-variable", "literal-compared", "address-not-filled-in", "unset-usdt-argument")
MARKED = [program for rule in RULES for program in sorted(CASES.glob(f"{rule}/*/prog.*"))]
HEAD = "#include <uapi/linux/ptrace.h>\n#include <linux/sched.h>\nBPF_HASH(seen, u64, u64);\n"
# One statement list each; the second column is the variable or literal that is told of.
WRONG = {
    "never set": ("u64 n; seen.increment(n);", "unset-variable", "n"),
    "set in a loop that may not run": (
        "u64 n; for (int i = 0; i < ctx->di; i++) { n = i; break; } seen.increment(n);",
        "unset-variable",
        "n",
    ),
    "a structure": ("struct { u64 a; } s, t; t = s; seen.increment(t.a);", "unset-variable", "s"),
    "in a macro": ("u64 n, k = TWICE(n); seen.increment(k);", "unset-variable", "n"),
    "in a helper": ("seen.increment(*(u64 []){pick(ctx->di)});", "unset-variable", "r"),
    "a pointer compared": (
        'struct task_struct *t = (void *)bpf_get_current_task(); if (t->comm == "bash") return 1;',
        "literal-compared",
        "",
    ),
    "a literal read": (
        'char b[8]; bpf_probe_read_kernel_str(b, sizeof(b), "abc"); seen.increment(*(u64 *)b);',
        "address-not-filled-in",
        '"abc"',
    ),
    "a global variable read": (
        "u64 n = 0; bpf_probe_read_kernel(&n, sizeof(n), &total); seen.increment(n);",
        "address-not-filled-in",
        "total",
    ),
    "a USDT argument": (
        "u32 n; u64 k = 1; bpf_usdt_readarg(1, ctx, &n); if (n) seen.increment(k);",
        "unset-usdt-argument",
        "n",
    ),
}
AROUND = """#define TWICE(x) ((x) * 2)
static u64 total;
static inline u64 pick(u64 v) { u64 r; if (v > 4) r = 1; return r; }
"""
# What clang, the object and the source do not hold against a program.
RIGHT = {
    "set by a helper": "u64 n; bpf_probe_read_user(&n, sizeof(n), (void *)ctx->di); seen.increment(n);",
    "set in both branches": "u64 n; if (ctx->di) n = 1; else n = 2; seen.increment(n);",
    "set and read behind the same flag": (
        "u64 n; int have = 0; if (ctx->di > 4) { n = 1; have = 1; } if (have) seen.increment(n);"
    ),
    "a name that the kernel fills": (
        "char c[16]; bpf_get_current_comm(c, sizeof(c)); if (c[0] == 's') seen.increment(*(u64 *)c);"
    ),
    "a format with a string on the stack": (
        'char c[16]; bpf_get_current_comm(c, sizeof(c)); bpf_trace_printk("%s %d\\n", c, 1);'
    ),
    "a long format": f'bpf_trace_printk("{"long " * 20}%d\\n", 1);',
    "a text on the stack": 'char want[16] = "bash"; want[5] = ctx->di; seen.increment(*(u64 *)want);',
    "an array of numbers": ("u64 k[3] = {5, 6, 7}; for (int i = 0; i < 3; i++) seen.increment(k[i]);"),
    "a copied structure": "struct { u64 a; } s = {}, t; t = s; seen.increment(t.a);",
    "a USDT argument with a value": "u64 n = 0; bpf_usdt_readarg(1, ctx, &n); seen.increment(n);",
    "a USDT argument whose read is looked at": (
        "u64 n; if (bpf_usdt_readarg(1, ctx, &n)) return 0; seen.increment(n);"
    ),
    "a USDT argument that is cleared before": (
        "u64 n; __builtin_memset(&n, 0, sizeof(n)); bpf_usdt_readarg(1, ctx, &n); seen.increment(n);"
    ),
    "a USDT argument that nobody reads": "u64 n; bpf_usdt_readarg(1, ctx, &n);",
    "a USDT text": "char b[8] = {}; bpf_usdt_readarg_p(1, ctx, b, sizeof(b)); seen.increment(*(u64 *)b);",
    "a look-up or a first value": "u64 k = 1, z = 0, *v = seen.lookup_or_try_init(&k, &z); if (v) (*v)++;",
    "chained reads": (
        "struct task_struct *t = (void *)bpf_get_current_task(); u64 n = t->real_parent->tgid;"
        " seen.increment(n);"
    ),
    "a switch over letters": (
        "char c[16]; u64 n; bpf_get_current_comm(c, sizeof(c));"
        " switch (c[0]) { case 'a': n = 1; break; default: n = 2; } seen.increment(n);"
    ),
    "a loop that sets it first": ("u64 n; int i = 0; do { n = i; } while (++i < 4); seen.increment(n);"),
    "a string compared by letters": (
        "char c[16], w[16] = {}; int d = 0; bpf_get_current_comm(c, sizeof(c));"
        ' __builtin_memcpy(w, "ssh", 4); for (int i = 0; i < 16 && !d; i++) d = c[i] - w[i];'
        " u64 k = d; seen.increment(k);"
    ),
    "an unused function": "u64 k = 1; seen.increment(k);",
}


def function(name: str, statements: str) -> str:
    return f"int {name}(struct pt_regs *ctx)\n{{\n    {statements}\n    return 0;\n}}\n"


def program(tmp_path: Path, statements: str) -> Path:
    path = tmp_path / "prog.c"
    path.write_text(HEAD + AROUND + function("f", statements))
    return path


def found(path: Path) -> list[Diagnosis]:
    reports = check(path, CaptureOptions())
    assert {report.verdict for report in reports} == {Verdict.LOADS}
    return [each for report in reports for each in report.diagnoses]


Warned = dict[str, list[Diagnosis]]


def of_each(statements: Mapping[str, str], path: Path) -> Warned:
    """What is said of each, as a program of its own in one file: BCC compiles for as long as one takes."""
    names = {name: f"f{number}" for number, name in enumerate(statements)}
    path.write_text(HEAD + AROUND + "".join(function(names[name], each) for name, each in statements.items()))
    reports = {each.program.name: each for each in check(path, CaptureOptions()) if each.program}
    assert {report.verdict for report in reports.values()} == {Verdict.LOADS}
    return {name: list(reports[program].diagnoses) for name, program in names.items()}


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Warned:
    return of_each({name: row[0] for name, row in WRONG.items()}, tmp_path_factory.mktemp("wrong") / "prog.c")


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Warned:
    return of_each(RIGHT, tmp_path_factory.mktemp("right") / "prog.c")


@pytest.mark.parametrize("path", MARKED, ids=lambda path: f"{path.parent.parent.name}/{path.parent.name}")
def test_a_program_that_loads_is_warned_about_at_its_line(path: Path) -> None:
    [warning] = found(path)
    assert (warning.rule, warning.severity) == (path.parent.parent.name, Severity.WARNING)
    [line] = [n for n, text in enumerate(path.read_text().splitlines(), 1) if "expect: " in text]
    assert warning.location is not None and (warning.location.file, warning.location.line) == (
        str(path),
        line,
    )
    assert warning.faults == ()
    [fixed] = path.parent.glob("fixed.*")
    assert found(fixed) == []


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named(name: str, wrong: Warned) -> None:
    _, rule, variable = WRONG[name]
    warnings = [each for each in wrong[name] if each.rule == rule]
    assert warnings and variable in warnings[0].headline


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_gets_no_warning(name: str, right: Warned) -> None:
    assert [each.headline for each in right[name]] == []


@pytest.mark.parametrize("name", ["never set", "in a helper", "a literal read", "a USDT argument"])
def test_with_its_edit_the_program_loads_without_the_warning(name: str, tmp_path: Path) -> None:
    path = program(tmp_path, WRONG[name][0])
    [warning] = found(path)
    path.write_text(apply(path.read_text(), warning.fixes[0].edits))
    assert found(path) == []


def test_a_warning_is_told_of_the_program_that_it_is_in(tmp_path: Path) -> None:
    path = program(tmp_path, "u64 n; seen.increment(n);")
    path.write_text(path.read_text() + "int g(struct pt_regs *ctx) { return pick(ctx->di); }\n")
    reports = check(path, CaptureOptions())
    told = [(r.program.name, [d.headline.split()[0] for d in r.diagnoses]) for r in reports if r.program]
    assert told == [("f", ["n"]), ("g", ["r"])]
