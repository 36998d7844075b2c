"""Says at the end of a run which tests were left out and why; CI fails for one that is not in left_out.txt.

Left out is what is skipped, what is expected to fail, what a marker on the command line deselects, and what
needs a compiler that is not here. What somebody picks with -k or a path is their own choice.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

ALLOWED = Path(__file__).with_suffix(".txt")
_FAILED = 1


class LeftOut:
    """One run's list; with xdist the workers' lists come together in the controller."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._why: dict[str, str] = {}  # "tests/x.py::test_y" -> reason

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Takes out what needs a compiler that is not here."""
        kept: list[pytest.Item] = []
        gone: list[pytest.Item] = []
        for item in items:
            (kept if _missing_clang(item) is None else gone).append(item)
        if gone:
            items[:] = kept
            self._config.hook.pytest_deselected(items=gone)

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        for item in items:
            version = _missing_clang(item)
            marked = [name for name in self._told_apart() if item.get_closest_marker(name)]
            if version is not None:
                self._add(item.nodeid, f"needs clang {version}, which is not installed")
            elif marked and self._config.option.markexpr:
                self._add(item.nodeid, self._told_apart()[marked[0]])

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            why = getattr(report, "wasxfail", None)
            said = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self._add(report.nodeid, f"fails: {why}" if why is not None else said.removeprefix("Skipped: "))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._add(report.nodeid, str(report.longrepr))

    def pytest_testnodedown(self, node: object) -> None:
        for name, why in getattr(node, "workeroutput", {}).get("left_out", {}).items():
            self._add(name, why)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput["left_out"] = self._why
        elif os.environ.get("CI") and self._unknown() and session.exitstatus == 0:
            session.exitstatus = _FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._why:
            return
        terminalreporter.section("left out")
        unknown = self._unknown()
        files: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for name, why in sorted(self._why.items()):
            if name not in unknown:
                files[why][name.partition("::")[0]].append(name)
        for why, found in files.items():
            terminalreporter.line(f"{why}:")
            for file, names in found.items():
                terminalreporter.line(
                    f"    {names[0] if len(names) == 1 else f'{file} ({len(names)} tests)'}"
                )
        for name in unknown:
            terminalreporter.line(f"not in {ALLOWED.name}: {name}: {self._why[name]}", red=True)

    def _add(self, nodeid: str, why: str) -> None:
        self._why[nodeid.partition("[")[0]] = " ".join(why.split())

    def _unknown(self) -> list[str]:
        """What a run as root may not leave out; without root every test that loads is."""
        if os.geteuid() != 0:
            return []
        lines = [line.partition("#")[0].strip() for line in ALLOWED.read_text().splitlines()]
        return sorted(self._why.keys() - set(lines))

    def _told_apart(self) -> dict[str, str]:
        """The markers that take tests out of `make test`, with what pyproject.toml says of each."""
        told = [line.partition(":") for line in self._config.getini("markers")]
        return {name.strip(): why.strip() for name, _, why in told if name.strip() in ("vm", "slow")}


def _missing_clang(item: pytest.Item) -> int | None:
    """The clang that a test is marked to need, when it is not here."""
    marker = item.get_closest_marker("needs_clang")
    if marker is None:
        return None
    from tests.compilers import has_clang  # asks every compiler for its version

    version: int = marker.args[0]
    return None if has_clang(version) else version
