"""Fetches the libbpf that the guest is linked with, from Debian, beside the system's."""

from __future__ import annotations

import re
from pathlib import Path

from bpfdoctor import processes
from bpfdoctor.kernel.versions import numbers
from bpfdoctor.lab import apt, kernel_index, paths
from bpfdoctor.lab.kernel_index import Progress
from bpfdoctor.model.problem import Problem


def fetched() -> Path | None:
    """The folder of the newest libbpf that was fetched: `libbpf.a` and `include/bpf/`."""
    found = sorted(
        (paths.lab_dir() / "libbpf").glob("[!.]*/libbpf.a"), key=lambda path: numbers(path.parent.name)
    )
    return found[-1].parent if found else None


def fetch(progress: Progress) -> Path:
    """Fetches it from the first suite that answers. Raises Problem when none does."""
    entry = kernel_index.data()["libbpf"]
    refused: Problem | None = None
    for suite in entry["suites"]:
        try:
            with kernel_index.index(suite) as index:
                index.refresh()
                for package in index.packages(entry["package"], re.compile(re.escape(entry["package"]))):
                    return _unpacked(index, package, progress)
        except Problem as problem:
            refused = problem
    raise refused or Problem(f"Debian has no {entry['package']} any more.")


def _unpacked(index: apt.SuiteIndex, package: apt.Package, progress: Progress) -> Path:
    final = paths.lab_dir() / "libbpf" / package.version.replace(":", "_")
    if not (final / "libbpf.a").exists():
        progress(f"fetching {package.name} {package.version} for the guests")
        with paths.fresh_folder(final) as work:
            deb = index.download(package, work)
            (work / "include" / "bpf").mkdir(parents=True)
            apt.unpack(deb, _member, work)
            deb.unlink()
            if not (work / "libbpf.a").exists():
                raise Problem(f"The package {package.name} {package.version} holds no libbpf.a.")
    return final


def _member(path: str) -> str | None:
    if path.endswith("/libbpf.a"):
        return "libbpf.a"
    header = re.search(r"/usr/include/(bpf/[^/]+\.h)$", path)
    return f"include/{header[1]}" if header else None


def system(compiler: str) -> Path | None:
    """The system's libbpf.a, if its development package is installed."""
    answer = processes.run([compiler, "-print-file-name=libbpf.a"]).stdout.strip()
    return Path(answer) if Path(answer).is_absolute() else None
