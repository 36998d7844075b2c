"""Writes docs/gallery.md: what the kernel said beside what bpfdoctor says, for forty cases of the corpus.

    python -m scripts.gallery            writes the page
    python -m scripts.gallery --check    status 1 when the page is not what would be written

The answers come from the stored log of one kernel and the case's source; nothing is loaded.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bpfdoctor import catalogue
from bpfdoctor.lab import cases
from scripts import case_pages

HERE = Path(__file__).resolve().parent.parent
PAGE = HERE / "docs" / "gallery.md"
MOST = 40
LINES = 24  # of a raw log, the last ones
KERNELS = ("6.12", "6.18", "6.1", "7.2", "5.10")  # the first one that refused; 7.3 prints a report of its own


def chosen() -> list[Path]:
    """One case per rule, rules of all topics in turn, those with more cases (more often met) first."""
    topics: dict[str, list[Path]] = {}
    for rule in catalogue.load().rules:
        folders = (HERE / "corpus" / "cases" / rule.name).glob("*/logs")
        found = sorted(folders, key=lambda logs: (logs.parent.name.startswith("bcc-"), logs))
        if found and any(_kernel(logs.parent) for logs in found):
            case = next(logs.parent for logs in found if _kernel(logs.parent))
            topics.setdefault(rule.topic, []).append(case)
    rounds = (topic[at : at + 1] for at in range(MOST) for topic in topics.values())
    return [case for some in rounds for case in some][:MOST]


def _kernel(case: Path) -> str | None:
    """The kernel whose log is shown of a case: it refused the program, with the case's own rule."""
    said = cases.verdicts(case)
    logs = {kernel for kernel, level, _ in cases.logs(case) if level == 1}
    for series in KERNELS:
        for kernel in sorted(said):
            fits = kernel.startswith(series + ".") and said[kernel].get("rule") == case.parent.name
            if fits and said[kernel]["verdict"] == "refused" and kernel in logs:
                return kernel
    return None


def section(case: Path) -> str:
    kernel = _kernel(case)
    assert kernel is not None  # chosen() looked
    raw = case_pages.report(case, kernel)
    return "\n".join((
        f"## {case.parent.name}/{case.name}\n",
        f"Linux {kernel} says:\n",
        case_pages.log_block(raw, LINES),
        "bpfdoctor says:\n",
        case_pages.answer_block(raw),
    ))  # fmt: skip


def page() -> str:
    head = (
        "# Gallery\n\nWhat a real kernel said, and what bpfdoctor says, for "
        "programs of the corpus. `python -m scripts.gallery` writes this page; nobody edits it.\n"
    )
    return "\n".join([head, *(section(case) for case in chosen())])


if __name__ == "__main__":
    sys.exit(case_pages.main(__doc__, PAGE, page))
