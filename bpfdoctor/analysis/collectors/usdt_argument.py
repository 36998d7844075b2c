"""A variable that bpf_usdt_readarg is to set, and that keeps what it was when that fails.

BCC makes the function from the traced binary's probe (src/cc/usdt/usdt.cc): it begins with
`if (len != sizeof(ARGUMENT'S TYPE)) return -1;`, and where the probe has several places it ends with
`return -1;` for any other address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from bpfdoctor.analysis import answer
from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib.callers import runs_through
from bpfdoctor.model.diagnosis import Fact, Facts, Place
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import RawReport
from bpfdoctor.source import Source

if TYPE_CHECKING:
    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.cvalues import Call, Declaration, Function, Span

_READ = "bpf_usdt_readarg"
# What writes to its argument, by name and number of the argument.
_FILLS = {_READ: 2, "bpf_usdt_readarg_p": 2, "__builtin_memset": 0, "memset": 0, "bpf_get_current_comm": 0}


class Outcome(answer.Outcome):
    UNSET = "the variable has no value of its own, and the call's result is not looked at"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsdtArgument(Facts):
    """`call` reads argument `number` of the probe into `name`; `use` is where that is read first."""

    name: str
    number: str
    declared: Place
    call: Place
    use: Place

    def public(self) -> Mapping[str, Fact]:
        return {
            "name": self.name,
            "number": self.number,
            "declared": self.declared,
            "call": self.call,
            "use": self.use,
        }


FACTS = UsdtArgument


class _Unset(NamedTuple):
    """A variable, and the line and column at which it is read first."""

    declared: Declaration
    use: tuple[int, int]


def look(raw: RawReport, source: Source) -> Iterator[Mapping[str, Any]]:
    """The file, line and column of each such call that the report's program comes by."""
    file = source.user_file
    c = source.c(file) if file is not None else None
    if c is None or file is None:
        return
    for function in c.functions:
        for line in range(function.start, function.end + 1):
            for call in c.calls_on(line) if _READ in c.line(line) else ():
                if call.span.line == line and _unset(c, function, call) is not None:
                    place = Place(file, line, call.span.column, call.span.end_column, function.name)
                    if runs_through(c, raw.program.name if raw.program else None, place):
                        yield {"file": file, "line": line, "column": call.span.column}


def collect(context: Context) -> Found | NotShown:
    """Of the call that `look` found."""
    file, line = context.captures["file"], context.captures["line"]
    c = context.source.c(file)
    function = c.function_at(line) if c is not None else None
    for call in c.calls_on(line) if c is not None and function is not None else ():
        assert c is not None and function is not None
        known = _unset(c, function, call) if call.span.column == context.captures["column"] else None
        if known is not None:
            return Found(Outcome.UNSET, _facts(c, file, function, call, known))
    return NotShown("the program is not at hand")


def _unset(c: CFile, function: Function, call: Call) -> _Unset | None:
    """The local variable that has no value but for this call, and is read whatever the call says."""
    if call.name != _READ or len(call.args) != 3 or not call.args[2].text.startswith("&"):
        return None
    name, line = call.args[2].text[1:].strip(), call.span.line
    declared = c.declaration_of(name, line) if name.isidentifier() else None
    statement = c.statement_around(line, call.span.column)
    if declared is None or declared.scope != "local" or declared.initialiser is not None:
        return None
    if statement is None or (statement.span.line, statement.span.column) != (line, call.span.column):
        return None  # its result is looked at, or given away
    here = [(span.line, span.column) for span in c.mention_spans(name, function.start, function.end)]
    inside = (call.args[2].span.line, call.args[2].span.column)
    own = (declared.span.line, declared.span.column)
    before = [at for at in here if own < at < inside]
    use = _first_use(c, function, call, name) if not before else None
    return _Unset(declared, use) if use is not None else None


def _first_use(c: CFile, function: Function, call: Call, name: str) -> tuple[int, int] | None:
    """Where the variable is next after the call, unless it is set there."""
    end = (call.span.end_line, call.span.end_column)
    later = [each for each in c.uses(name, call.span.line, function.end) if _at(each.span) >= end]
    if not later or later[0].written or (later[0].address and _fills(c, later[0].span, name)):
        return None
    return _at(later[0].span)


def _fills(c: CFile, span: Span, name: str) -> bool:
    """Whether a call gets the variable's address there to write to it."""
    for call in c.calls_on(span.line, span.column):
        number = 0 if call.name.startswith("bpf_probe_read") else _FILLS.get(call.name)
        if number is not None and number < len(call.args) and call.args[number].text.lstrip("& ") == name:
            return True
    return False


def _at(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _facts(c: CFile, file: str, function: Function, call: Call, unset: _Unset) -> UsdtArgument:
    name, declared, use = unset.declared.name, unset.declared, unset.use

    def place(line: int, column: int, end: int) -> Place:
        return Place(file, line, column, end, function.name, c.line(line).strip())

    span = declared.span
    return UsdtArgument(
        name=name,
        number=call.args[0].text,
        declared=place(span.line, span.column, span.column + len(name)),
        call=place(call.span.line, call.span.column, call.span.end_column),
        use=place(*use, use[1] + len(name)),
        refused_at=place(call.span.line, call.span.column, call.span.end_column),
    )
