"""`bpfdoctor preflight --needs`: what an object uses of the kernel, and which kernels have it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from bpfdoctor.cli import terminal
from bpfdoctor.cli.rc import RC
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions


def needs(
    paths: Sequence[str], asked: CaptureOptions, kernels: Sequence[str], *, as_json: bool, width: int | None
) -> RC:
    """Prints a table for each object. FOUND where a kernel lacks what an object needs."""
    from bpfdoctor.preflight.needs import kernels as known
    from bpfdoctor.preflight.needs import table
    from bpfdoctor.render import needs as render

    views = known.views([known.HOST, *kernels])
    names = [view.name for view in views]
    tried = [view.name for view in views if view.knows_types and view.name != known.HOST]
    status, objects = RC.OK, []
    for path in paths:
        try:
            found = _objects(Path(path), asked)
        except Problem as problem:
            terminal.complain(problem, path)
            status = RC.FAILED
            continue
        for data in found:
            rows = table.rows_of(data, views)
            if as_json:
                objects.append({"source": path, "kernels": names, "needs": table.as_json(rows)})
            else:
                cells = width or terminal.width(sys.stdout)
                terminal.write(
                    render.table(path, rows, names, tried, cells, unicode=terminal.unicode(sys.stdout))
                )
            if any(next(table.lacking(rows, name), None) for name in names):
                status = max(status, RC.FOUND)
    if as_json:
        terminal.write(json.dumps({"schema": 1, "objects": objects}, indent=2) + "\n", raw=True)
    return status


def _objects(path: Path, asked: CaptureOptions) -> list[bytes]:
    """The objects of a file, compiled and not loaded. Raises Problem for one that has none."""
    from bpfdoctor import capture
    from bpfdoctor.model.record import replace

    reports = capture.check(path, replace(asked, load=False, experiments=False))
    found = dict.fromkeys(report.object for report in reports if report.object is not None)
    if not found:
        raise Problem(
            f"{path} gives no object to look at.",
            f"See why: bpfdoctor check --no-load {path}",
        )
    return list(found)
