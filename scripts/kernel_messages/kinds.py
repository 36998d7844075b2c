"""Decides what a message means for the program: reject, info, bug, offload or report.

The rule is control flow: after the call, does the function leave with an error? A short list in overrides.py
names what control flow alone cannot tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tree_sitter import Node

from scripts.kernel_messages import csource, overrides
from scripts.kernel_messages.csource import CSource
from scripts.kernel_messages.sinks import Call

REJECT, INFO, BUG, OFFLOAD, REPORT = "reject", "info", "bug", "offload", "report"
# When one format is used in several places, the worst counts.
WORST_FIRST = (OFFLOAD, BUG, REJECT, INFO, REPORT)

_BUG = re.compile(
    r"verifier bug|verifier internal error|\bBUG\b|Verifier bug|^bug: |internal bug|misconfigured"
)
_ERROR_VALUE = re.compile(r"-\s*E[A-Z0-9]+|\bERR_PTR\b|^\W*(-\s*)?[a-z_]+\W*$|^false$|\(")
_FINE_VALUE = re.compile(r"^\W*(0|true|[1-9]\d*)\W*$")
_ERROR_SET = re.compile(r"(?<![=!<>])=(?!=)[^;]*(-\s*E[A-Z0-9]+|\bERR_PTR|\bPTR_ERR)")
_ERROR_TEST = re.compile(r"^\(?(err|ret|error|rc)\)?$|\b(err|ret|error|rc|id)\s*<\s*0|[!=]=\s*-E|\bIS_ERR")
_ERROR_LABEL = re.compile(r"^(err|fail|bad|invalid|abort|unknown)")
_LEVEL_TEST = re.compile(r"BPF_LOG_LEVEL|BPF_LOG_STATS|log_level\s*&")
_PRINTS = re.compile(r"verbose|_log|print_|verifier_bug|diag_")
_BRANCHES = ("if_statement", "for_statement", "while_statement", "switch_statement")


@dataclass(slots=True)
class Judge:
    """Judges the calls of one kernel; keeps what it worked out about whole functions."""

    sources: list[CSource]
    _callers: dict[str, list[tuple[CSource, Node]]] = field(default_factory=dict)
    _functions: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for source in self.sources:
            for name, calls in source.calls.items():
                self._callers.setdefault(name, []).extend((source, call) for call in calls)

    def kind(self, call: Call) -> str:
        """reject, info, bug, offload or report."""
        decided = overrides.kind(call.format, call.function)
        if decided:
            return decided
        if call.sink.via == "report" or call.source.name.endswith("diagnostics.c"):
            return REPORT
        if call.function in overrides.PRINTERS or call.name == "verbose_linfo":
            return INFO
        if "drivers/net/" in call.source.name:
            return OFFLOAD
        if _BUG.search(call.format):
            return BUG
        return self._fate(call.source, call.node)

    def goes_on(self, call: Call) -> bool:
        """Whether the text continues in another call before anything else happens."""
        current: Node | None = call.node
        while current is not None and not current.type.endswith("_statement"):
            current = current.parent
        while current is not None and current.parent is not None and current.type != "function_definition":
            if current.parent.type in ("compound_statement", "case_statement"):
                following = _following(current.parent, current)
                if following:
                    first = following[0]
                    return _only_prints(call.source, first) and "diag_" not in call.source.text(first)
            current = current.parent
        return False

    def _fate(self, source: CSource, node: Node) -> str:
        """What becomes of the program after this expression."""
        statement: Node | None = node
        while statement is not None and not statement.type.endswith("_statement"):
            statement = statement.parent
        if statement is None:
            return INFO
        if statement.type != "expression_statement":
            return REJECT  # `if (prints_and_fails(…))`, `return prints_and_fails(…)`
        return self._after(source, statement)

    def _after(self, source: CSource, statement: Node) -> str:
        """Walks the statements that follow, inside out, up to the first one that settles it."""
        current = statement
        while current.parent is not None and current.type != "function_definition":
            parent = current.parent
            if parent.type == "if_statement":
                verdict = _tested(source, parent, current)
                if verdict:
                    return verdict
            elif parent.type in ("compound_statement", "case_statement", "labeled_statement"):
                above = parent.parent
                if above is not None and above.type == "if_statement":
                    verdict = _tested(source, above, parent)
                    if verdict:
                        return verdict
                for sibling in _following(parent, current):
                    verdict = self._settles(source, sibling)
                    if verdict:
                        return verdict
                    if sibling.type in _BRANCHES and not _only_prints(source, sibling):
                        return INFO  # the function goes on with its work
            current = parent
        return self._whole_function(source, current)

    def _settles(self, source: CSource, statement: Node) -> str:
        """The verdict of one statement, or "" when it settles nothing."""
        text = " ".join(source.text(statement).split())
        if statement.type == "return_statement":
            function = csource.enclosing(statement, "function_definition")
            value = text.removeprefix("return").strip(" ;")
            if not value:
                return self._whole_function(source, function)
            if value == "NULL":
                return REJECT
            return REJECT if _ERROR_VALUE.search(value) and not _FINE_VALUE.match(value) else INFO
        if statement.type == "goto_statement":
            label = text.removeprefix("goto").strip(" ;")
            return REJECT if _ERROR_LABEL.match(label) else self._at_label(source, statement, label)
        if statement.type == "expression_statement" and _ERROR_SET.search(text):
            return REJECT
        if statement.type == "labeled_statement":
            return self._settles(source, statement.named_children[-1])
        return ""

    def _at_label(self, source: CSource, jump: Node, label: str) -> str:
        """`goto out;` fails when the error was set just before it, or when what follows the label fails."""
        block: Node | None = jump.parent
        while block is not None and block.type in ("compound_statement", "if_statement"):
            before = [child for child in block.named_children if child.end_byte <= jump.start_byte]
            if any(
                child.type == "expression_statement" and _ERROR_SET.search(source.text(child))
                for child in before
            ):
                return REJECT
            block = block.parent
        function = csource.enclosing(jump, "function_definition")
        if function is None:
            return INFO
        for node in csource.descendants(function):
            if node.type == "labeled_statement" and source.text(node.named_children[0]) == label:
                return self._settles(source, node) or self._after(source, node)
        return INFO

    def _whole_function(self, source: CSource, function: Node | None) -> str:
        """A function that only prints means what its callers make of it."""
        if function is None or function.type != "function_definition":
            return INFO
        name = csource.function_name(source, function)
        if name not in self._functions:
            self._functions[name] = INFO  # for recursion
            if _is_void(source, function):
                fates = {self._fate(caller, call) for caller, call in self._callers.get(name, [])}
                self._functions[name] = REJECT if REJECT in fates else INFO
        return self._functions[name]


def _tested(source: CSource, branch: Node, side: Node) -> str:
    """What an `if` says of the side we are in: a check of the log level, an error, or nothing."""
    condition = branch.child_by_field_name("condition")
    test = source.text(condition) if condition is not None else ""
    if _LEVEL_TEST.search(test):
        return INFO
    if _ERROR_TEST.search(test) and branch.child_by_field_name("consequence") == side:
        return REJECT
    return ""


def _following(block: Node, statement: Node) -> list[Node]:
    return block.named_children[block.named_children.index(statement) + 1 :]


def _is_void(source: CSource, function: Node) -> bool:
    kind, declarator = function.child_by_field_name("type"), function.child_by_field_name("declarator")
    returns_pointer = declarator is not None and declarator.type == "pointer_declarator"
    return kind is not None and source.text(kind) == "void" and not returns_pointer


def _only_prints(source: CSource, statement: Node) -> bool:
    """A loop or a branch inside of a composed message: it prints and leaves nothing."""
    prints = False
    for node in csource.descendants(statement):
        if node.type in ("return_statement", "goto_statement"):
            return False
        callee = node.child_by_field_name("function") if node.type == "call_expression" else None
        prints = prints or (callee is not None and bool(_PRINTS.search(source.text(callee))))
    return prints
