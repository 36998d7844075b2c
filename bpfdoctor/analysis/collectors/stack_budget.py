"""How much stack each function of a call chain takes, and which variables take it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.kernel.limits import CALL_FRAMES, STACK
from bpfdoctor.model.diagnosis import Fact, Facts, Loss, Place
from bpfdoctor.model.picture import CallStack, FunctionStack, Local
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Stage

if TYPE_CHECKING:
    from bpfdoctor.formats.dwarf import Variable
    from bpfdoctor.source.csyntax import CFile
    from bpfdoctor.source.cvalues import Function

_ROUNDED = (32, 16)  # bytes: each function's stack counts as a multiple of this, the newer kernels' last
_LARGEST = 3  # variables named of each function
_LEAST = 16  # bytes; smaller ones are not the reason


class Outcome(Outcomes):
    SEVERAL_FUNCTIONS = "functions that call each other need too much together"
    ONE_FUNCTION = "a function needs too much, or the log does not tell them apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class StackBudget(Facts):
    """`used` bytes of `limit`; `depths` per function, outermost first, where the log prints them. `stack`
    says whose they are.
    """

    used: int | None
    limit: int
    depths: tuple[int, ...]
    stack: CallStack | None
    largest: Local | None  # of all variables
    declaration: Place | None  # of the largest

    @property
    def largest_name(self) -> str:
        return self.largest.name if self.largest else ""

    @property
    def largest_size(self) -> int:
        return self.largest.size if self.largest else 0

    @property
    def picture(self) -> CallStack | None:
        return self.stack

    def public(self) -> Mapping[str, Fact]:
        return {
            "used": self.used,
            "limit": self.limit,
            "depths": self.depths,
            "stack": self.stack,
            "largest": self.largest,
            "declaration": self.declaration,
        }


FACTS = StackBudget


def collect(context: Context) -> Found | NotShown:
    used = context.captures.get("size") or context.captures.get("used")
    depths = context.transcript.stats.stack_depth
    chain = _chain(context)
    stack = chain or _of_text(context)
    if not isinstance(used, int) and not depths and stack is None:
        return NotShown("the log does not say how much stack each function takes")
    variables = [local for function in stack.functions for local in function.locals] if stack else []
    largest = max(variables, key=lambda local: local.size, default=None)
    facts = StackBudget(
        used=used if isinstance(used, int) else sum(depths) or None,
        limit=STACK,
        depths=depths or tuple(each.size for each in stack.functions if each.size) if stack else depths,
        stack=stack,
        largest=largest,
        declaration=_declared(context, largest) if largest else None,
        from_object=chain is not None,
        cause=context.step,
        why=Loss.TOO_SMALL,
    )
    return Found(Outcome.SEVERAL_FUNCTIONS if len(facts.depths) > 1 else Outcome.ONE_FUNCTION, facts)


def _chain(context: Context) -> CallStack | None:
    """The chain of calls in the object whose stacks make the sum that the message names."""
    used, calls = context.captures.get("size"), context.captures.get("functions")
    if not isinstance(used, int) or not isinstance(calls, int):
        return None
    for chain in context.source.stacks(min(calls, CALL_FRAMES)):
        for unit in _ROUNDED:
            counted = [-(-max(size, 1) // unit) * unit for _, size, _ in chain]
            if len(chain) == calls and sum(counted) == used:
                functions = tuple(
                    FunctionStack(name, size, count, _largest(variables))
                    for (name, size, variables), count in zip(chain, counted, strict=True)
                )
                return CallStack(functions, used, STACK)
    return None


def _declared(context: Context, local: Local) -> Place | None:
    """Where a variable is declared, when that is in the user's own file."""
    file = context.source.user_file
    c = context.source.c(file) if file else None
    declared = c.declaration_of(local.name, local.line) if c and local.line else None
    if c is None or file is None or declared is None or declared.span.line != local.line:
        return None
    function, span = c.function_at(local.line), declared.span
    name = function.name if function else None
    return Place(file, span.line, span.column, span.end_column, name, c.line(span.line).strip())


def _largest(variables: tuple[Variable, ...]) -> tuple[Local, ...]:
    found = [each for each in variables if (each.size or 0) >= _LEAST]
    return tuple(Local(each.name, each.type, each.size or 0, each.line) for each in found[:_LARGEST])


def _of_text(context: Context) -> CallStack | None:
    """For a program that does not compile: the function the compiler names, and what is inlined into it."""
    block = context.finding.block
    if block.stage is not Stage.COMPILER:
        return None
    place = context.source.block_place(block)
    c = context.source.c(place.file) if place else None
    function = c.function_at(place.line) if c and place else None
    if c is None or function is None:
        return None
    sized = sorted(_sized(context, c, function, set()), key=lambda local: -local.size)
    found = tuple(local for local in sized if local.size >= _LEAST)[:_LARGEST]
    return CallStack((FunctionStack(function.name, None, None, found),), None, STACK) if found else None


def _sized(context: Context, c: CFile, function: Function, seen: set[str]) -> Iterator[Local]:
    """The variables of a function and of those that may be inlined into it."""
    if function.name in seen or function.noinline:
        return
    seen.add(function.name)
    for each in c.locals(function):
        known = context.source.fields_of(each.type, each.arrays)
        if known is not None and not each.pointer:
            type = each.type + "".join(f"[{size}]" for size in each.arrays)
            yield Local(each.name, type, known[0], each.span.line)
    for name in sorted(c.callees(function)):
        callee = c.function(name)
        if callee is not None:
            yield from _sized(context, c, callee, seen)
