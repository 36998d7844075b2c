"""Gives a local variable a value where it is declared."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.analysis.collectors.stack_bytes import StackBytes
from bpfdoctor.analysis.collectors.unset_variable import UnsetVariable
from bpfdoctor.analysis.collectors.usdt_argument import UsdtArgument
from bpfdoctor.analysis.context import Context
from bpfdoctor.fixes.plan import SCALAR, Plan, Site, site
from bpfdoctor.model.diagnosis import Facts
from bpfdoctor.model.trace import Op
from bpfdoctor.source.cvalues import Declaration


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """The declaration of the variable that the refused line reads, with `= 0` or `= {0}`."""
    if isinstance(facts, UnsetVariable | UsdtArgument):
        return _declared(context, facts)
    at = site(context)
    if at is None or "naked" in at.c.line(at.function.start):  # assembly has no declarations
        return ()
    if context.step is not None and context.step.insn.op is Op.EXIT and context.called("r0") is None:
        return _returning(at)
    if isinstance(facts, StackBytes) and facts.declaration and facts.declaration.file == at.file:
        # Perhaps in another function than the refused line: the caller's variable.
        known = at.c.declaration_of(facts.object.name or "", facts.declaration.line)
        if known is not None and known.initialiser is None:
            return (_initialised(at, known),)
    for name in dict.fromkeys(_read(at, context)):
        declared = at.c.declaration_of(name, at.line)
        if declared and declared.scope == "local" and declared.initialiser is None:
            return (_initialised(at, declared),)
    return ()


def _declared(context: Context, facts: UnsetVariable | UsdtArgument) -> tuple[Plan, ...]:
    """Where the facts know the declaration already."""
    at = site(context, facts.declared)
    known = at.c.declaration_of(facts.name, facts.use.line) if at is not None else None
    return (
        (_initialised(at, known),) if at is not None and known is not None and not known.initialiser else ()
    )


def _returning(at: Site) -> tuple[Plan, ...]:
    """A return before the function's last brace."""
    value = at.c.pass_value(at.function)
    closed = at.c.line(at.function.end).startswith("}")
    if not value or not closed:
        return ()
    text = at.c.style.indent + f"return {value};"
    return (Plan(at.file, at.function.end, at.function.end - 1, lines=(text,)),)


def _initialised(at: Site, declared: Declaration) -> Plan:
    whole = declared.arrays or not (declared.pointer or SCALAR.fullmatch(declared.type))
    span = declared.span
    name = at.c.line(span.end_line)[span.column - 1 : span.end_column - 1]
    value = "{0}" if whole else _answer(at, declared) or "0"
    return at.replacement(span.end_line, span.column, span.end_column, f"{name} = {value}")


def _answer(at: Site, declared: Declaration) -> str:
    """What a program returns that has nothing to say, for a variable that it returns."""
    returned = any(each.value == declared.name for each in at.c.returns(at.function))
    return (at.c.pass_value(at.function) or "") if returned and at.function.section is not None else ""


def _read(at: Site, context: Context) -> Iterator[str]:
    """Names the refused line reads, the likeliest first: the argument that the message is about, then all."""
    argument = context.captures.get("reg") or context.captures.get("arg")
    for call in at.c.calls_on(at.line, at.column):
        if isinstance(argument, str) and argument[1:].isdigit() and int(argument[1:]) <= len(call.args):
            yield call.args[int(argument[1:]) - 1].text.lstrip("&").strip()
        for given in call.args:
            yield given.text.lstrip("&").split("[")[0].split(".")[0].strip()
    if (called := context.called(context.captures.get("reg"))) is not None:
        yield called
    for access in at.c.accesses_on(at.line, at.column):
        yield access.root
    if (statement := at.c.statement_at(at.line)) is not None:
        text = " ".join(at.c.line(n) for n in range(statement.span.line, statement.span.end_line + 1))
        word = ""
        for letter in text + " ":
            if letter.isalnum() or letter == "_":
                word += letter
            elif word:
                yield word
                word = ""
