"""Writes docs/gallery.md: what the kernel said beside what bpfdoctor says, for forty cases of the corpus.

    python scripts/gallery.py            writes the page
    python scripts/gallery.py --check    status 1 when the page is not what would be written

The answers come from the stored log of one kernel and the case's source; nothing is loaded.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bpfdoctor import catalogue
from bpfdoctor.lab import cases
from bpfdoctor.model.report import Kernel, RawReport, SourceFile, Stage, Verdict
from bpfdoctor.pipeline import diagnose
from bpfdoctor.render import render
from scripts.readme import MARK

HERE = Path(__file__).resolve().parent.parent
PAGE = HERE / "docs" / "gallery.md"
MOST = 40
LINES = 24  # of a raw log, the last ones
KERNELS = ("6.12", "6.18", "6.1", "7.2", "5.10")  # the first one that refused; 7.3 prints a report of its own
WIDTH = 88


def chosen() -> list[Path]:
    """One case per rule, rules of all topics in turn, those with more cases (more often met) first."""
    topics: dict[str, list[Path]] = {}
    for rule in catalogue.load().rules:
        folders = (HERE / "corpus" / "cases" / rule.name).glob("*/logs")
        found = sorted(folders, key=lambda logs: (logs.parent.name.startswith("bcc-"), logs))
        if found and any(_log(logs.parent) for logs in found):
            case = next(logs.parent for logs in found if _log(logs.parent))
            topics.setdefault(rule.topic, []).append(case)
    rounds = (topic[at : at + 1] for at in range(MOST) for topic in topics.values())
    return [case for some in rounds for case in some][:MOST]


def _log(case: Path) -> tuple[str, bytes] | None:
    """(kernel, log) to show of a case: refused with the case's own rule."""
    said = cases.verdicts(case)
    logs = {(kernel, level): log for kernel, level, log in cases.logs(case)}
    for series in KERNELS:
        for kernel in sorted(said):
            fits = kernel.startswith(series + ".") and said[kernel].get("rule") == case.parent.name
            if fits and said[kernel]["verdict"] == "refused" and (kernel, 1) in logs:
                return kernel, logs[kernel, 1]
    return None


def section(case: Path) -> str:
    program, shown = cases.program(case), _log(case)
    assert program is not None and shown is not None  # chosen() looked
    kernel, log = shown
    log = MARK.sub("", log.decode(errors="replace")).encode()  # the marks of our tests would help too much
    raw = RawReport(
        log,
        program.name,
        cases.flavour(program),
        Stage.VERIFIER,
        Verdict.REFUSED,
        kernel=Kernel(kernel),
        files=(SourceFile(program.name, MARK.sub("", program.read_text())),),
    )
    lines = log.decode(errors="replace").splitlines()
    cut = [f"… {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    said = "\n".join([*cut, *(line[:150] for line in lines[-LINES:])])
    answer = render(diagnose(raw), "full", width=WIDTH).rstrip()
    name = f"{case.parent.name}/{case.name}"
    return (
        f"## {name}\n\nLinux {kernel} says:\n\n```text\n{said}\n```\n\n"
        f"bpfdoctor says:\n\n```text\n{answer}\n```\n"
    )


def page() -> str:
    head = (
        "# Gallery\n\nWhat a real kernel said, and what bpfdoctor says, for "
        "programs of the corpus. `python scripts/gallery.py` writes this page; nobody edits it.\n"
    )
    return "\n".join([head, *(section(case) for case in chosen())])


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
