"""What an object needs of kernels, as a table."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap

from bpfdoctor.preflight.needs.table import Row, Where, lacking
from bpfdoctor.preflight.needs.view import Has
from bpfdoctor.render.escape import visible

_PLURAL = {"feature": "what else the verifier must know", "kernel type": "types and fields (CO-RE)"}
_NOT_REACHED = "-"


def table(
    source: str,
    rows: Sequence[Row],
    kernels: Sequence[str],
    tried: Sequence[str],
    width: int,
    *,
    unicode: bool,
) -> str:
    """The rows under a heading for each kind, then what each lacks. `tried`: those that the lab has."""
    lines = [f"{source} uses", ""]
    columns = [max(len(name), 4) for name in kernels]
    fixed = 2 + 7 + sum(column + 2 for column in columns)
    longest = max((len(row.use.name) for row in rows), default=0) + 4
    name_width = max(min(longest, width - fixed - 24), 24)
    cells = "  ".join(name.ljust(column) for name, column in zip(kernels, columns, strict=True))
    lines.append(f"{'':{name_width}}  {'since':5}  {cells}  where")
    for kind, group in groupby(rows, key=lambda row: row.use.kind):
        lines.append(_PLURAL.get(kind.value, f"{kind.value}s"))
        for row in group:
            told = "  ".join(
                _cell(row.has.get(name)).ljust(column) for name, column in zip(kernels, columns, strict=True)
            )
            name = f"  {row.use.name}"
            if len(name) > name_width:
                lines.append(name)
                name = ""
            lines.append(f"{name:{name_width}}  {row.use.since:5}  {told}  {_where(row)}".rstrip())
    lines += ["", *_summary(source, rows, kernels, tried, width)]
    return "".join(f"{visible(line, unicode=unicode)}\n" for line in lines)


def _cell(has: Has | None) -> str:
    return _NOT_REACHED if has is None else has.value


def _where(row: Row) -> str:
    first, *rest = row.where
    place = _place(first)
    more = len({(each.file, each.line or each.of) for each in rest} - {(first.file, first.line or first.of)})
    return (f"{place} +{more}" if more else place) + (" (only if asked for)" if row.is_optional else "")


def _place(where: Where) -> str:
    return f"{where.file.rpartition('/')[2]}:{where.line}" if where.line else where.of


def _summary(
    source: str, rows: Sequence[Row], kernels: Sequence[str], tried: Sequence[str], width: int
) -> Iterator[str]:
    whole = []
    for name in kernels:
        lacks = [f"{row.use.name} ({_place(row.lacks[name][0])})" for row in lacking(rows, name)]
        if lacks:
            yield from wrap(f"{_called(name)} lacks {', '.join(lacks)}", width, subsequent_indent="  ")
        elif all(row.has.get(name) is not Has.UNKNOWN for row in rows):
            whole.append(_called(name))
    if whole:
        yield from wrap(f"has all of it: {', '.join(whole)}", width, subsequent_indent="  ")
    shown = [has for row in rows for has in row.has.values()]
    if None in shown:
        yield from wrap(
            "-  not needed there: a test before it is false on that kernel, or for this object's constants",
            width,
        )
    if Has.UNKNOWN in shown:
        yield from wrap(
            "?  not known: its types are not here, its version does not tell, or a module may have it",
            width,
        )
    on = f"--kernel {','.join(tried)} " if tried else ""
    ask = f"bpfdoctor check {on}{shlex.quote(source)}"
    yield from wrap(
        f"Whether the verifier takes it is another question: {ask}", width, break_on_hyphens=False
    )


def _called(name: str) -> str:
    return "this kernel" if name == "host" else name
