"""The calls that need more than their signature, by name; and how they take their arguments."""

from __future__ import annotations

from collections.abc import Callable

from bpfdoctor.machine.concrete.faults import Fault, FaultKind
from bpfdoctor.machine.concrete.process import Process

Arguments = tuple[int | None, ...]
Model = Callable[[Process, Arguments], int]
MODELS: dict[str, Model] = {}
KFUNCS: dict[str, Model] = {}


def model(*names: str) -> Callable[[Model], Model]:
    def kept(function: Model) -> Model:
        MODELS.update(dict.fromkeys(names, function))
        return function

    return kept


def kfunc(*names: str) -> Callable[[Model], Model]:
    def kept(function: Model) -> Model:
        KFUNCS.update(dict.fromkeys(names, function))
        return function

    return kept


def given(arguments: Arguments, index: int) -> int:
    """Argument number `index`, from 1. Raises Fault when nothing has set it."""
    value = arguments[index - 1]
    if value is None:
        raise Fault(FaultKind.UNWRITTEN, f"r{index}, an argument of a call")
    return value


def context_only(process: Process, value: int) -> str:
    if value != process.context.region.base:
        raise Fault(FaultKind.ARGUMENT, "this call wants the program's context")
    return "ctx"
