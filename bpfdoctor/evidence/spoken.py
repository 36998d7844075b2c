"""How a value is written in a rule's sentences: the kinds of `{name:kind}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpfdoctor.evidence import kind_words, words
from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.subjects import register_in
from bpfdoctor.model.record import dataclass
from bpfdoctor.trace.bounds import spelled


@dataclass(frozen=True, slots=True)
class Kind:
    """`takes` are the names of the types it writes; `example` is `{name:kind}` of `given`, written."""

    takes: tuple[str, ...]
    write: Callable[[Any, Context], str]
    given: Any
    example: str


def _variable(value: str, context: Context) -> str:
    register = register_in(value)
    return (context.called(register) if register else None) or words.register(value)


def _argument(value: str, _: Context) -> str:
    return f"argument {value[1:]}" if value.startswith("r") else "this argument"


KINDS: Mapping[str, Kind] = {
    "": Kind(("str", "int"), lambda v, _: v if isinstance(v, str) else spelled(v), 1 << 20, "0x100000"),
    "bytes": Kind(("int",), lambda v, _: words.count(v, "byte"), 1, "1 byte"),
    "more_bytes": Kind(("int",), lambda v, _: words.count(v, "more byte"), 4, "4 more bytes"),
    "register": Kind(("str",), lambda v, _: words.register(v), "r1", "R1"),
    "variable": Kind(
        ("str",), _variable, "*(R11-8)", "*(R11-8)"
    ),  # what the user calls it, else the register
    "argument": Kind(("str",), _argument, "r2", "argument 2"),
    "extreme": Kind(("str",), lambda v, _: {"min": "smallest", "max": "largest"}[v], "max", "largest"),
    "value": Kind(("RegState",), lambda v, _: words.words(v), None, ""),
    "holds": Kind(("str",), lambda v, _: kind_words.kind(v), "fp", "the address of a local variable"),
    "takes": Kind(
        ("str",), lambda v, _: kind_words.expected(v), "ctx", "the program's own context, unchanged"
    ),
    "parts": Kind(("tuple",), lambda v, _: words.unwritten(v), (), ""),
    "any_of": Kind(("tuple",), lambda v, _: words.listed(v), ("a", "b"), "a or b"),
    "all_of": Kind(("tuple",), lambda v, _: words.listed(v, "and"), ("a", "b"), "a and b"),
}
