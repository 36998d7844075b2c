"""BCC programs as people write them: the answer is about their own text, and its patch loads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpfdoctor.model.diagnosis import Diagnosis
from bpfdoctor.model.edits import apply
from bpfdoctor.model.report import CaptureOptions, Verdict
from bpfdoctor.pipeline import check

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")

HEAD = "#include <uapi/linux/ptrace.h>\n"
# What only BCC's rewritten text has.
FOREIGN = re.compile(
    r"(?<!\w)(?:_key|_leaf|_val|_zleaf|_fmt|leaf|bpf_pseudo_fd|\w+_elem_|CUR_CPU_IDENTIFIER|main\.c|helpers\.h)\b"
)

# The refused line ends with a mark where it is not the only one of its function.
PROGRAMS = {
    "one line": """BPF_ARRAY(cnt, u64, 4);
int f(struct pt_regs *ctx) { int z = ctx->di; u64 *p = cnt.lookup(&z); *p += 1; return 0; } // here
""",
    "two on a line": """BPF_HASH(h, u64, u64);
int f(struct pt_regs *ctx) {
\tu64 k = 1; h.increment(k); h.increment(k, 2);
\tu64 *v = h.lookup(&k); return *v; // here
}
""",
    "tried": """struct v { u64 n, bytes; };
BPF_HASH(stats, u32, struct v, 1024);
int on_read(struct pt_regs *ctx) {
    u32 key = bpf_get_current_pid_tgid(); struct v zero = {}, *val;
    val = stats.lookup_or_try_init(&key, &zero);
    val->n++; // here
    return 0;
}
""",
    "macro": """BPF_HASH(seen, u32, u64);
RAW_TRACEPOINT_PROBE(sched_switch)
{
\tu32 k = ctx->args[0];
\tu64 *n = seen.lookup(
\t\t&k);
\treturn *n; // here
}
""",
    "record": """struct ev { u32 pid; };
BPF_RINGBUF_OUTPUT(rb, 8);
int f(struct pt_regs *ctx) { struct ev *e = rb.ringbuf_reserve(sizeof(*e)); e->pid = 1; rb.ringbuf_submit(e, 0); return 0; } // here
""",  # noqa: E501
    "compared": """BPF_HASH(seen, u32, u64);
int f(struct pt_regs *ctx) { char a[128] = {}, b[128] = {};
    bpf_probe_read_user(a, sizeof(a), (void *)ctx->di); bpf_probe_read_user(b, 128, (void *)ctx->si);
    if (!__builtin_memcmp(a, b, sizeof(a))) { u32 z = 0; seen.increment(z); } // here
    return 0; }
""",
    "measured": """BPF_HISTOGRAM(lengths);
int f(void *ctx) { char comm[16]; bpf_get_current_comm(comm, sizeof(comm)); u32 n = strlen(comm); lengths.increment(n); return 0; } // here
""",  # noqa: E501
    "searched": """BPF_HASH(seen, u32, u64);
int f(struct pt_regs *ctx) { char path[64] = {}; u32 k = 1;
    bpf_probe_read_user_str(path, sizeof(path), (void *)ctx->si);
    if (strstr(path, ".so") == NULL) // here
        return 0;
    seen.increment(k); return 0; }
""",
    "letter": """BPF_HASH(seen, u32, u64);
int f(struct pt_regs *ctx) { char comm[16]; u32 k = 1; bpf_get_current_comm(comm, sizeof(comm));
	if (!strchr(comm, '/') || ctx->di == 3) return 0; // here
	seen.increment(k); return 0; }
""",
    "not static": """BPF_HASH(seen, u32, u64);
u64 bucket(u64 v) { u64 n = 0; for (int i = 0; i < 8; i++) if (v >> i) n++; return n; }
int f(struct pt_regs *ctx) { u32 b = bucket(PT_REGS_PARM1(ctx)); seen.increment(b); return 0; } // here
""",
    "declared above": """BPF_HASH(seen, u32, u64);
#define COUNT(p) add((p), 2)
void add(u64 *n, int k);
int f(struct pt_regs *ctx) { u32 z = 0; u64 *n = seen.lookup(&z); if (n) COUNT(n); return 0; } // here
void add(u64 *n, int k) { while (k--) *n += 1; }
""",
    "too large": """BPF_PERF_OUTPUT(out);
struct ev { char a[600]; };
int f(struct pt_regs *ctx) { struct ev e = {}; bpf_probe_read_user(&e.a, sizeof(e.a), (void *)ctx->di); out.perf_submit(ctx, &e, sizeof(e)); return 0; } // here
""",  # noqa: E501
}


def told(diagnosis: Diagnosis) -> Iterator[str]:
    """Everything that an answer says in words of ours or quotes of the source."""
    yield from (diagnosis.headline, diagnosis.wants, diagnosis.has, diagnosis.lost, diagnosis.note)
    for label in (*diagnosis.labels, *diagnosis.flow):
        yield label.text
        yield label.place.text or "" if label.place else label.code or ""
    if diagnosis.location:
        yield diagnosis.location.text or ""
    for fix in diagnosis.fixes:
        yield from (fix.title, fix.why, *fix.example, *(line for edit in fix.edits for line in edit.lines))


# What is not answered so yet where BCC is built with LLVM 19 (0.31, Debian 13): its calls of the C library
# are named with their line, but not written out as loops.
NOT_WITH_LLVM_19 = ("compared", "measured", "searched", "letter")


def bcc_is_newer() -> bool:
    """Whether the distribution's BCC is later than 0.29."""
    found = [int(each.name.split(".")[3]) for each in Path("/usr/lib").glob("*/libbcc.so.0.*.*")]
    return max(found, default=0) > 29


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(
            each,
            marks=pytest.mark.xfail(each in NOT_WITH_LLVM_19 and bcc_is_newer(), reason="LLVM 19"),
        )
        for each in PROGRAMS
    ],
)
def test_the_answer_is_about_the_users_text_and_its_patch_loads(name: str, tmp_path: Path) -> None:
    path, text = tmp_path / "prog.c", HEAD + PROGRAMS[name]
    path.write_text(text)
    [line] = [number for number, each in enumerate(text.splitlines(), 1) if each.endswith("// here")]
    found = [each for report in check(path, CaptureOptions()) for each in report.diagnoses]
    diagnosis = next(each for each in found if each.severity == "error")
    assert diagnosis.location is not None
    assert (diagnosis.location.file, diagnosis.location.line) == (str(path), line)
    foreign = {word for each in told(diagnosis) for word in FOREIGN.findall(each)}
    assert not foreign
    edits = diagnosis.fixes[0].edits
    assert edits
    path.write_text(apply(text, edits))
    assert {report.verdict for report in check(path, CaptureOptions())} == {Verdict.LOADS}, path.read_text()


def test_a_line_of_the_users_own_header_is_named_and_mended(tmp_path: Path) -> None:
    header, path = tmp_path / "first.h", tmp_path / "prog.c"
    header.write_text("static inline u64 first(u64 at)\n{\n\tu64 *p = (u64 *)at;\n\n\treturn *p;\n}\n")
    path.write_text(HEAD + '#include "first.h"\nint f(struct pt_regs *ctx) { return first(ctx->di); }\n')
    [report] = check(path, CaptureOptions())
    [found] = report.diagnoses
    assert found.location is not None and (found.location.file, found.location.line) == (str(header), 5)
    header.write_text(apply(header.read_text(), found.fixes[0].edits))
    assert [each.verdict for each in check(path, CaptureOptions())] == [Verdict.LOADS]


# A text that str.format or an f-string fills in: each brace of its C is doubled.
FILLED = {
    "format": ('"""', '""".format(pid=12)'),
    "f-string": ('f"""', '"""'),
}


@pytest.mark.parametrize("name", FILLED)
def test_the_patch_of_a_text_that_python_fills_in_has_doubled_braces(name: str, tmp_path: Path) -> None:
    opened, closed = FILLED[name]
    path = tmp_path / "tool.py"
    path.write_text(
        f"from bcc import BPF\npid = 12\nb = BPF(text={opened}\n{HEAD}"
        "BPF_HASH(seen, u64, u64);\n"
        "int f(struct pt_regs *ctx)\n{{\n"
        "    struct {{ u64 a; u32 b; }} s, t;\n\n"
        "    t = s;\n    seen.increment(t.a + {pid});\n    return 0;\n}}\n"
        f"{closed})\n"
    )
    [report] = check(path, CaptureOptions())
    [found] = report.diagnoses
    path.write_text(apply(path.read_text(), found.fixes[0].edits))
    [mended] = check(path, CaptureOptions())
    assert (mended.verdict, mended.diagnoses) == (Verdict.LOADS, ()), path.read_text()
