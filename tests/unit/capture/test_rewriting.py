"""What BCC makes of a program, piece by piece: real rewritten texts, led back to the user's."""

from __future__ import annotations

import pytest

from bpfdoctor.capture import bcc_output
from bpfdoctor.capture.rewriting import follow
from bpfdoctor.model.report import Piece, RawReport, Verdict
from tests.unit.capture.running import Check

pytestmark = pytest.mark.usefixtures("kernel")

PROGRAM = """#include <uapi/linux/ptrace.h>
#include <linux/fs.h>
struct event { u32 pid; u64 ts; char name[32]; };
BPF_PERF_OUTPUT(events); BPF_HASH(seen, u32, struct event);
BPF_ARRAY(conf, u64, 2);
BPF_HASH(counts);

static int want(u32 pid) { return pid > 10; }

int opened(struct pt_regs *ctx,
\t   const char __user *path,
\t   int flags)
{
\tstruct event *old, event = {};
\tu32 pid; int zero = 0;
\tu64 *c, key = flags; /* counts.increment(key) */
\tif (!want(pid = bpf_get_current_pid_tgid() >> 32)) return 0;
\tif (!(c = conf.lookup(&zero))) { return 0; }
\tcounts.increment(key); counts.increment(key, *c); counts.atomic_increment(key);
\tevents.perf_submit(
\t\tctx,
\t\t&event,
\t\tsizeof(event)
\t);
\tif ((old = seen.lookup_or_try_init(&pid, &event)) && old->ts) { seen.delete(&pid); return 0; }
\tseen.update(&pid,
\t\t    &event);
\tbpf_trace_printk("x %d\\n", pid);
\treturn 0;
}
int returned(struct pt_regs *ctx) { struct file *f = (void *)PT_REGS_RC(ctx); int m = f->f_inode->i_mode; \
unsigned long x = *(unsigned long *)f; if (f && f->f_path.dentry->d_name.name[0] == 'x') m++; return m + x; }
"""


def text_at(text: str, piece: Piece) -> str:
    """What the user wrote there, lines joined."""
    lines = text.split("\n")
    if piece.line == piece.end_line:
        return lines[piece.line - 1][piece.start - 1 : piece.end - 1]
    inside = lines[piece.line : piece.end_line - 1]
    return " ".join(
        part.strip()
        for part in (
            lines[piece.line - 1][piece.start - 1 :],
            *inside,
            lines[piece.end_line - 1][: piece.end - 1],
        )
    )


def pieces_of(report: RawReport, user: str) -> list[tuple[str, str, bool]]:
    """(rewritten, the user's, exact) of every piece, in order."""
    rewritten = next(file.text for file in report.files if file.path == bcc_output.REWRITTEN).split("\n")
    found = next(each for each in report.line_maps if each.file == bcc_output.REWRITTEN)
    result = []
    for line, pieces in sorted(found.pieces.items()):
        text = rewritten[line - 1]
        for piece, following in zip(pieces, (*pieces[1:], None), strict=True):
            end = following.column - 1 if following else len(text)
            result.append((text[piece.column - 1 : end].strip(), text_at(user, piece), piece.exact))
    return result


@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_what_was_kept_is_found_letter_for_letter(check: Check, ending: str) -> None:
    text = PROGRAM.replace("\n", ending)
    report = check("a.c", text)[0]
    assert report.verdict is Verdict.LOADS
    kept = [(mine, theirs) for mine, theirs, exact in pieces_of(report, text) if exact]
    assert len(kept) > 50
    assert [(mine, theirs) for mine, theirs in kept if not mine.startswith(theirs.strip())] == []
    assert "".join("".join(theirs.split()) for _, theirs in kept).count("returnm+x;") == 1


# Words of the rewritten text, and the user's expression that they stand for.
REPLACED = [
    ("bpf_map_lookup_elem((void *)bpf_pseudo_fd(", "conf.lookup(&zero)"),
    ("_zleaf += 1;", "counts.increment(key)"),
    ("_zleaf +=", "counts.increment(key, *c)"),
    ("lock_xadd", "counts.atomic_increment(key)"),
    ("CUR_CPU_IDENTIFIER", "events.perf_submit( ctx, &event, sizeof(event) )"),
    ("if (!leaf)", "seen.lookup_or_try_init(&pid, &event)"),
    ("bpf_map_delete_elem(", "seen.delete(&pid)"),
    ("BPF_ANY", "seen.update(&pid, &event)"),
    ("char _fmt[]", 'bpf_trace_printk("x %d\\n", pid)'),
    ("typeof(struct inode *) _val", "f->f_inode"),
    ("typeof(umode_t) _val", "f->f_inode->i_mode"),
    ("typeof(unsigned long) _val", "*(unsigned long *)f"),
    ("typeof(const unsigned char) _val", "f->f_path.dentry->d_name.name[0]"),
]


def test_what_was_replaced_is_the_whole_expression_and_what_was_put_in_is_nobodys(check: Check) -> None:
    found = pieces_of(check("a.c", PROGRAM, programs=("returned",))[0], PROGRAM)
    for rewritten, user in REPLACED:
        assert user in {theirs for mine, theirs, exact in found if not exact and rewritten in mine}
    put_in = ("__attribute__", "ctx->di", "BPF_LICENSE")
    assert not [mine for mine, _, _ in found if any(word in mine for word in put_in)]


def test_the_arguments_of_a_macro_and_of_a_system_call_keep_their_lines(check: Check) -> None:
    source = """#include <uapi/linux/ptrace.h>
BPF_HASH(h, u32, u64);
TRACEPOINT_PROBE(sched, sched_switch) { u32 k = args->next_pid; h.increment(k); return 0; }
KFUNC_PROBE(vfs_read, struct file *file, char *buf, size_t count) { u32 k = count; h.delete(&k); return 0; }
int syscall__openat(struct pt_regs *ctx, int d, const char *s) { u32 k = s[0]; h.increment(k); return 0; }
"""
    replaced = {theirs for _, theirs, exact in pieces_of(check("a.c", source)[0], source) if not exact}
    assert replaced == {"h.increment(k)", "h.delete(&k)", "s[0]"}


def test_a_tool_with_escapes_has_its_own_columns(check: Check) -> None:
    source = """from bcc import BPF
text = 'BPF_HASH(h);\\n' 'int f(void *ctx) { u64 k = 0; h.increment(k); return 0; }'
more = \"\"\"
int g(void *ctx) { bpf_trace_printk("%d\\\\n", 1); u64 k = 1; h.delete(&k); return 0; }
\"\"\"
BPF(text=text + more)
"""
    report = check("tool.py", source)[0]
    assert report.verdict is Verdict.LOADS
    replaced = {theirs for _, theirs, exact in pieces_of(report, source) if not exact}
    assert replaced == {"h.increment(k)", "h.delete(&k)", 'bpf_trace_printk("%d\\\\n", 1)'}


def test_a_text_of_another_program_leads_nowhere() -> None:
    assert follow("int a(void) { return 1; }", "struct b { char c; }", []) == []
    assert follow("", "x", []) == follow("x", "", []) == []
