"""Values of a BCC Python tool that Python itself has no name for: what is not known, what argparse parses."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, Protocol

from bpfdoctor.capture.tracked import Tracked


class UnknownValue(Exception):
    """An expression whose value the text of the tool does not tell. `reason` names it, `line` is where."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, line


@dataclass
class Parser:
    """An argparse parser: the options' defaults."""

    defaults: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ParserMethod:
    """`add = parser.add_argument`, to be called later."""

    parser: Parser
    name: str


@dataclass(frozen=True)
class TextFile:
    """An open file of the tool's."""

    text: Tracked


class Symbols:
    """/proc/kallsyms, opened: it is not read, as any address will do for the verifier."""


class FileStatus:
    """What os.stat says of a file that only the tool's user has."""


@dataclass(frozen=True)
class UsdtContext:
    """USDT(path=…, pid=…): each is a value, an UnknownValue, or None where it is not given."""

    path: Any
    pid: Any


@dataclass(frozen=True)
class LoadedFunction:
    """What load_func(name, …) gives: a program, by its function."""

    name: str


class Evaluation(Protocol):
    """What calls and loops need of the walk through the tool; `env` holds the names in force."""

    assumptions: list[str]

    def block(self, body: list[ast.stmt], env: dict[str, Any]) -> None:
        """Follow statements."""

    def look(self, nodes: list[Any], env: dict[str, Any]) -> None:
        """Note the BPF(…) calls in statements or expressions that are not followed."""

    def assign(self, target: ast.expr, value: Any, env: dict[str, Any]) -> None:
        """Give a name, or several, their values."""

    def attempt(self, node: ast.expr, env: dict[str, Any]) -> Any:
        """The value, or the Unknown that says why there is none."""

    def value(self, node: ast.expr, env: dict[str, Any]) -> Any:
        """The value of an expression; raises Unknown."""

    def file(self, node: ast.expr, env: dict[str, Any]) -> Tracked:
        """The text of a file the tool reads; raises Unknown."""

    def run_function(self, node: ast.FunctionDef, call: ast.Call, env: dict[str, Any]) -> Any:
        """What a function of the tool returns for these arguments."""
