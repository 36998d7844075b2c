"""Writes docs/from-the-notes.md: what people who trace with BCC complain of, the raw error, our answer.

    python -m scripts.from_the_notes            writes the page
    python -m scripts.from_the_notes --check    status 1 when the page is not what would be written

The answers come from the stored log of one kernel, the oldest that says it, and the case's source; nothing is
loaded.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bpfdoctor.lab import cases
from scripts import case_pages
from scripts.readme import MARK

HERE = Path(__file__).resolve().parent.parent
PAGE = HERE / "docs" / "from-the-notes.md"
LINES = 14  # of a raw log, the last ones

#: what people write down, and the case of the corpus that shows it
COMPLAINTS = (
    ("invalid indirect read from stack", "uninitialized-stack/bcc-struct-padding"),
    ("R0 !read_ok", "uninitialized-register/bcc-no-return-value"),
    ("R1 invalid mem access 'inv'", "probe-read-needed/bcc-cast-register"),
    ("memset or memcpy of any length", "unsupported-builtin/bcc-copy-of-variable-length"),
    ("strstr, and other functions that BPF does not have", "missing-exit/bcc-strstr"),
    ("infinite loop detected", "infinite-loop/condition-never-changes"),
    ("A loop over a buffer", "stack-bounds/bcc-length-of-name"),
    ("Comparing a command's name with a string", "bcc-read-only-data/comm-against-literal"),
    ("A helper that this kernel lacks", "unknown-helper/bcc-current-task-btf"),
    ("kernel/sched/sched.h is not found", "internal-header/bcc-sched-h"),
    ("cannot call non-static helper function", "function-not-inlined/bcc-global-function"),
    ("A structure of 600 bytes on the stack", "stack-too-large/bcc-large-event"),
    ("A global counter", "bcc-global-variable/counter"),
)  # fmt: skip


def _kernel(case: Path) -> str:
    """The kernel or compiler whose log is shown: the first that refused; kernels sort by age."""

    def age(name: str) -> list[int]:
        return [int(part) for part in name.split(".") if part.isdigit()]

    said = cases.verdicts(case)
    logs = {kernel for kernel, level, _ in cases.logs(case) if level == 1}
    return min((name for name in logs if said[name].get("rule") == case.parent.name), key=age)


def section(complaint: str, name: str) -> str:
    case = HERE / "corpus" / "cases" / name
    program, kernel = cases.program(case), _kernel(case)
    assert program is not None
    raw = case_pages.report(case, kernel)
    who = f"Linux {kernel}" if raw.kernel else kernel.replace("-", " ", 1).replace("bcc", "BCC")
    return "\n".join((
        f"## {complaint}\n",
        f"```c\n{MARK.sub('', program.read_text()).strip()}\n```\n",
        f"{who} says:\n",
        case_pages.log_block(raw, LINES),
        "bpfdoctor says:\n",
        case_pages.answer_block(raw),
    ))  # fmt: skip


def page() -> str:
    head = (
        "# From the notes\n\n"
        "The complaints that fill the notes of people who trace with BCC: the program, what a\n"
        "real kernel or compiler said, and what bpfdoctor says.\n"
        "`python -m scripts.from_the_notes` writes this page; nobody edits it.\n"
    )
    return "\n".join([head, *(section(*each) for each in COMPLAINTS)])


if __name__ == "__main__":
    sys.exit(case_pages.main(__doc__, PAGE, page))
