"""What `bpfdoctor log` must not pay for."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {"tree_sitter", "tree_sitter_c", "elftools", "ctypes", "subprocess", "rich", "jinja2", "typer", "ast"}


def test_a_log_without_a_file_needs_neither_a_syntax_tree_nor_an_object() -> None:
    program = (
        "import sys\n"
        "from bpfdoctor.model.report import Flavour, RawReport, Stage\n"
        "from bpfdoctor.model.trace import Comment, Insn, Op, Step\n"
        "from bpfdoctor.model.transcript import Transcript\n"
        "before = set(sys.modules)\n"
        "from bpfdoctor.source import Source\n"
        "raw = RawReport(b'', 'log.txt', Flavour.LOG, Stage.PASTE)\n"
        "source = Source(raw, Transcript(raw, b''))\n"
        "step = Step(0, Insn(3, 'exit', Op.EXIT), 0, comment=Comment('}', 'a.c', 7))\n"
        "assert source.place(step).line == 7\n"
        "assert source.variable(step, 'r1') is None\n"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert not HEAVY & set(done.stdout.split())
