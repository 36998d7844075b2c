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


class Evaluation(Protocol):
    """What a call needs of the walk through the tool; `env` holds the names in force."""

    def attempt(self, node: ast.expr, env: dict[str, Any]) -> Any:
        """The value, or the Unknown that says why there is none."""

    def value(self, node: ast.expr, env: dict[str, Any]) -> Any:
        """The value of an expression; raises Unknown."""

    def file(self, node: ast.expr, env: dict[str, Any]) -> Tracked:
        """The text of a file the tool reads; raises Unknown."""

    def run_function(self, node: ast.FunctionDef, call: ast.Call, env: dict[str, Any]) -> Any:
        """What a function of the tool returns for these arguments."""
