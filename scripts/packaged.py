"""The tools that Debian packages, as they are: what becomes of each program on its own release's kernel.

    make packaged

libbpf-tools are loaders with an object inside; bpfcc-tools are compiled by this machine's BCC. They come
from Debian's suites into our cache, next to the system. Each row is one package on one kernel of the lab.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.debian_packages import Store, unpack_deb

# (package, how its version begins, kernel of the same release)
ROWS = (
    ("libbpf-tools", "0.26", "6.1"),
    ("libbpf-tools", "0.31", "6.12"),
    ("libbpf-tools", "0.37", "7.2"),
    ("bpfcc-tools", "0.26", "6.1"),
    ("bpfcc-tools", "0.31", "6.12"),
    ("bpfcc-tools", "0.37", "7.2"),
)
_NO_REASON = {"unknown-message", "log-without-message", "internal-error", "load-refused"}


def main() -> None:
    """Print a row for each package, then what kept its programs from loading, most common first."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--each", action="store_true", help="name each program that does not load")
    options = parser.parse_args()
    store = Store()
    columns = (
        "tools",
        "programs",
        "load",
        "refused",
        "not loaded",
        "not compiled",
        "without a reason",
        "warned",
        "problems",
    )
    print(f"{'package':20} {'kernel':7} " + " ".join(f"{column:>{len(column)}}" for column in columns))
    for package, begins, kernel in ROWS:
        folder = unpacked(store, package, begins)
        tools = sorted(path for path in (folder / "usr/sbin").iterdir() if not path.is_symlink())
        answer = checked(tools, kernel)
        reports = answer["reports"]
        verdicts = Counter(report["verdict"] for report in reports)
        lost = [report for report in reports if report["verdict"] not in ("loads", "compiles")]
        found = [[each for each in report["findings"] if each["severity"] == "error"] for report in lost]
        without = sum(not each or each[0]["rule"] in _NO_REASON for each in found)
        warned = sum(each["severity"] == "warning" for report in reports for each in report["findings"])
        numbers = (
            *(len(tools), len(reports), verdicts["loads"]),
            *(verdicts["refused"], verdicts["not-loaded"], verdicts["not-compiled"], without),
            *(warned, len(answer["problems"])),
        )
        cells = " ".join(f"{number:>{len(column)}}" for number, column in zip(numbers, columns, strict=True))
        print(f"{package + ' ' + begins:20} {kernel:7} {cells}", flush=True)
        for line in why(reports, each=options.each):
            print(f"    {line}")
        for problem in answer["problems"]:
            print(f"    {Path(problem['source']).name}: {problem['message']}")


def why(reports: list[dict[str, Any]], *, each: bool) -> Iterator[str]:
    """How often each rule was met, or every finding by itself."""
    found = [(report, finding) for report in reports for finding in report["findings"]]
    if not each:
        counted = Counter((finding["severity"], finding["rule"]) for _, finding in found)
        yield from (f"{number:5} {severity} {rule}" for (severity, rule), number in counted.most_common())
        return
    for report, finding in found:
        program = (report["program"] or {}).get("name", "")
        tool = Path(report["source"]).name
        yield f"{tool} {program}: {finding['severity']} {finding['rule']}: {finding['headline']}"


def unpacked(store: Store, package: str, begins: str) -> Path:
    """The folder of a package's newest version that begins so."""
    version = next(each for each in store.versions(package) if each.startswith(begins))
    folder = store.folder / "unpacked" / f"{package}_{version.replace(':', '%3a')}"
    if not folder.exists():
        folder.mkdir(parents=True)
        unpack_deb(store.fetch(package, version), folder)
    return folder


def checked(tools: list[Path], kernel: str) -> dict[str, Any]:
    """What `check --kernel` says of the tools, as JSON."""
    command = [sys.executable, "-m", "bpfdoctor", "check", "--kernel", kernel, "--output-format", "json"]
    done = subprocess.run([*command, "--", *map(str, tools)], capture_output=True, text=True, check=False)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    main()
