"""Writes docs/from-the-notes.md: what people who trace with BCC complain of, the raw error, our answer.

    python -m scripts.from_the_notes            writes the page
    python -m scripts.from_the_notes --check    status 1 when the page is not what would be written

The answers come from the stored log of one kernel, the oldest that says it, and the case's source; nothing is
loaded.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bpfdoctor.lab import cases
from bpfdoctor.model.report import Kernel, LineMap, RawReport, SourceFile, Stage, Verdict
from bpfdoctor.pipeline import diagnose
from bpfdoctor.render import render
from scripts.readme import MARK

HERE = Path(__file__).resolve().parent.parent
PAGE = HERE / "docs" / "from-the-notes.md"
LINES = 14  # of a raw log, the last ones
WIDTH = 88

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


def _log(case: Path) -> tuple[str, bytes]:
    """(kernel or compiler, log) of the first that refused; kernels sort by age."""

    def age(name: str) -> list[int]:
        return [int(part) for part in name.split(".") if part.isdigit()]

    said = cases.verdicts(case)
    logs = {kernel: log for kernel, level, log in cases.logs(case) if level == 1}
    name = min((name for name in logs if said[name].get("rule") == case.parent.name), key=age)
    return name, logs[name]


def section(complaint: str, name: str) -> str:
    case = HERE / "corpus" / "cases" / name
    program = cases.program(case)
    assert program is not None
    kernel, log = _log(case)
    log = MARK.sub("", log.decode(errors="replace")).encode()
    text = MARK.sub("", program.read_text()).strip() + "\n"
    loaded = kernel[0].isdigit()
    numbers = {line: line for line in range(1, text.count("\n") + 2)}
    raw = RawReport(
        log,
        program.name,
        cases.flavour(program),
        Stage.VERIFIER if loaded else Stage.COMPILER,
        Verdict.REFUSED if loaded else Verdict.NOT_COMPILED,
        kernel=Kernel(kernel) if loaded else None,
        files=(SourceFile(program.name, text),),
        line_maps=() if loaded else (LineMap("/virtual/main.c", program.name, numbers),),
    )
    lines = [line[:150].rstrip() for line in log.decode(errors="replace").splitlines() if line.strip()]
    cut = [f"… {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    answer = render(diagnose(raw), "full", width=WIDTH).rstrip()
    who = f"Linux {kernel}" if loaded else kernel.replace("-", " ", 1).replace("bcc", "BCC")
    return "\n".join((
        f"## {complaint}\n",
        f"```c\n{text}```\n",
        f"{who} says:\n",
        "```text", *cut, *lines[-LINES:], "```\n",
        "bpfdoctor says:\n",
        f"```text\n{answer}\n```\n",
    ))  # fmt: skip


def page() -> str:
    head = (
        "# From the notes\n\n"
        "The complaints that fill the notes of people who trace with BCC: the program, what a\n"
        "real kernel or compiler said, and what bpfdoctor says.\n"
        "`python -m scripts.from_the_notes` writes this page; nobody edits it.\n"
    )
    return "\n".join([head, *(section(*each) for each in COMPLAINTS)])


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    text = page()
    if options.parse_args().check:
        return int(not PAGE.is_file() or PAGE.read_text() != text)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
