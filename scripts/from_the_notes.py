"""Writes docs/from-the-notes.md: what people who trace with BCC complain of, the raw error, our answer.

    python -m scripts.from_the_notes            writes the page
    python -m scripts.from_the_notes --check    status 1 when the page is not what would be written

The answers come from the stored log of one kernel, the oldest that says it, and the case's source; nothing is
loaded. At the end, the programs of corpus/silent, which every kernel loads.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bpfdoctor.catalogue import topics
from bpfdoctor.lab import cases, compiled
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
    ("back-edge from insn 16 to 8", "loop-back-edge/unprivileged-loop"),
    ("Argument list too long: more than 4096 instructions", "instruction-limit/five-thousand-unprivileged"),
    ("the call stack of 9 frames is too deep", "call-depth/nine-deep"),
    ("A loop over a buffer", "stack-bounds/bcc-length-of-name"),
    ("Comparing a command's name with a string", "bcc-read-only-data/comm-against-literal"),
    ("A helper that this kernel lacks", "unknown-helper/bcc-current-task-btf"),
    ("kernel/sched/sched.h is not found", "internal-header/bcc-sched-h"),
    ("cannot call non-static helper function", "function-not-inlined/bcc-global-function"),
    ("A structure of 600 bytes on the stack", "stack-too-large/bcc-large-event"),
    ("A global counter", "bcc-global-variable/counter"),
)  # fmt: skip

#: the topic that says which kernel takes what
TOPICS = {
    "infinite-loop": "loops",
    "loop-back-edge": "loops",
    "program-too-large": "instruction-limit",
    "call-depth": "nesting",
    "stack-too-large": "stack",
    "probe-read-needed": "probe-read",
    "missing-exit": "strings",
    "bcc-read-only-data": "strings",
    "unknown-helper": "helpers",
}

#: what attaches and counts nothing, the program of corpus/silent, and what can be said of it today
SILENT = (
    (
        "The tracepoint that only some kernels fire",
        "schedstats-off",
        "`sched:sched_stat_sleep` is there where the kernel was built with `CONFIG_SCHEDSTATS`, and fires\n"
        "only while `/proc/sys/kernel/sched_schedstats` has a 1 in it:\n"
        "`bpfdoctor explain tracepoint-not-configured`",
    ),
    (
        "The tracepoint that is not there, and an exception that is swallowed",
        "tracepoint-renamed",
        "No tracepoint is called `block_rq_issued` (`block_rq_issue` is), so `attach_tracepoint` raises an\n"
        "exception, and the tool passes it by: `bpfdoctor explain tracepoint-missing`",
    ),
    (
        "The function that the compiler inlined",
        "function-inlined",
        "A kprobe sits on a function's own code. Callers into which the compiler has copied the function\n"
        "never come by it: `bpfdoctor explain function-not-traceable`",
    ),
    (
        "The other binary",
        "other-binary",
        "A uprobe sits on one file. A process in a container, one that was linked statically, and one that\n"
        "still runs a library that was replaced have another: `bpfdoctor explain process-has-own-copy`",
    ),
    (
        "USDT arguments as parameters",
        "usdt-parameters",
        "The parameters behind `ctx` are read from the registers of a function call. A USDT probe has its\n"
        "arguments where its note says, and `bpf_usdt_readarg(1, ctx, &connection)` reads them:\n"
        "`bpfdoctor explain usdt-parameters`",
    ),
)


def _kernel(case: Path) -> str:
    """The kernel or compiler whose log is shown: the first that refused; kernels sort by age."""

    def age(name: str) -> list[int]:
        return [int(part) for part in name.split(".") if part.isdigit()]

    said = cases.verdicts(case)
    logs = {kernel for kernel, level, _ in cases.logs(case) if level == 1}
    rules = (case.parent.name, *TOPICS)  # the rule of a topic's program is not its folder
    return min((name for name in logs if said[name].get("rule") in rules), key=age)


def section(complaint: str, name: str) -> str:
    case = topics.case(name)
    program, kernel = cases.program(case), _kernel(case)
    assert program is not None
    raw, topic = case_pages.report(case, kernel), TOPICS.get(str(cases.verdicts(case)[kernel]["rule"]))
    who = f"Linux {kernel}" if raw.kernel else kernel.replace("-", " ", 1).replace("bcc", "BCC")
    return "\n".join((
        f"## {complaint}\n",
        f"```c\n{MARK.sub('', program.read_text()).strip()}\n```\n",
        f"{who} says:\n",
        case_pages.log_block(raw, LINES),
        "bpfdoctor says:\n",
        case_pages.answer_block(raw),
        *([f"Which kernel takes what: `bpfdoctor explain {topic}`\n"] if topic else []),
    ))  # fmt: skip


def silent(complaint: str, name: str, reason: str) -> str:
    """A program that every kernel loads, and that counts nothing: what `check` says of it, and the reason."""
    case = HERE / "corpus" / "silent" / name
    program = cases.program(case)
    assert program is not None
    said = {str(row["verdict"]) for row in cases.verdicts(case).values()}
    assert said == {"loads"}
    raw = next(iter(compiled.loading(case)))
    language = "python" if program.suffix == ".py" else "c"
    return "\n".join((
        f"## {complaint}\n",
        f"```{language}\n{program.read_text().strip()}\n```\n",
        "Every kernel tried loads it, and it counts nothing. bpfdoctor says:\n",
        case_pages.answer_block(raw),
        f"{reason}\n",
    ))  # fmt: skip


def page() -> str:
    head = (
        "# From the notes\n\n"
        "The complaints that fill the notes of people who trace with BCC: the program, what a\n"
        "real kernel or compiler said, and what bpfdoctor says.\n"
        "`python -m scripts.from_the_notes` writes this page; nobody edits it.\n"
    )
    between = (
        "# It loads, and counts 0\n\n"
        "Nothing is refused here. `bpfdoctor preflight` compares what a program is attached to with the\n"
        "machine, and `bpfdoctor check` warns of a hook that will not fire where it runs. The reason and\n"
        "the rule's page are below each.\n"
    )
    parts = (*(section(*each) for each in COMPLAINTS), between, *(silent(*each) for each in SILENT))
    return "\n".join([head, *parts])


if __name__ == "__main__":
    sys.exit(case_pages.main(__doc__, PAGE, page))
