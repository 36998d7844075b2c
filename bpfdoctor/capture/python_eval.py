"""Works out, without running it, which program text a BCC Python tool hands to BPF(…).

It follows assignments of constants, joins, replacements and formatting, takes the branch that a known
condition takes, and gives command line options their defaults: the tool as it runs without arguments.
"""

from __future__ import annotations

import ast
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from bpfdoctor import regular_file
from bpfdoctor.capture import python_attach, python_bpf, python_calls, python_loops, python_ops
from bpfdoctor.capture.python_attach import is_attach
from bpfdoctor.capture.python_bpf import BpfCall, bpf_call
from bpfdoctor.capture.python_names import Stretch, as_load, assigned, dotted, is_bpf, shown, stretch
from bpfdoctor.capture.python_ops import COMPARE
from bpfdoctor.capture.python_values import Parser, UnknownValue
from bpfdoctor.capture.tracked import Tracked, literal, plain
from bpfdoctor.model.attach import Attach

_FAILURES = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RecursionError, OSError)
_STEPS = 200_000  # nodes; a tool that needs more computes its program
_MOST_ATTACHED = 1_000  # calls that attach
_LONGEST_FILE = 1 << 20  # bytes of a file that a tool reads: its program, or a setting in /proc/sys


class _Returned(python_loops.Left):
    def __init__(self, value: Any) -> None:
        self.value = value


class Evaluator:
    """Follows one script. `calls` are its BPF(…) calls, `assumptions` what was taken for granted."""

    def __init__(self, source: str, path: Path) -> None:
        """Raises SyntaxError, RecursionError or ValueError for what is no Python 3."""
        self.path = path
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in the tool is no business of ours
            self.tree = ast.parse(source)
        self._rows = source.encode("utf-8", "replace").split(b"\n")
        self.files: list[tuple[str, str]] = [(str(path), source)]  # (path, text) of what texts come from
        self.env: dict[str, Any] = {"__name__": Tracked("__main__", [0] * 8)}
        self.calls: list[BpfCall] = []
        self.attached: list[Attach] = []
        self.assumptions: list[str] = []
        self._seen: set[Stretch] = set()
        self._conditions: list[str] = []  # of what is followed now; "" for a branch that is not taken
        self._steps = 0
        self._depth = 0

    def run(self) -> None:
        """Follow the module, then every function that has a BPF(…) nobody called."""
        try:
            self._follow()
        except (python_loops.Left, UnknownValue):  # a long computation: what comes after it is not known
            for call in ast.walk(self.tree):
                if isinstance(call, ast.Call) and is_bpf(call) and self._is_new(call):
                    self.calls.append(
                        BpfCall(call.lineno, None, (), UnknownValue("a long computation", call.lineno))
                    )

    def _is_new(self, call: ast.Call) -> bool:
        return stretch(call) not in self._seen

    def _follow(self) -> None:
        self.block(self.tree.body, self.env)
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(
                is_bpf(call) and self._is_new(call) for call in ast.walk(node) if isinstance(call, ast.Call)
            ):
                env = dict(self.env)
                for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                    env[argument.arg] = UnknownValue(f"the parameter {argument.arg}", node.lineno)
                try:
                    self.block(node.body, env)
                except python_loops.Left:
                    continue
        self.attached += python_attach.of_uncalled(self, self.tree, self.env, self._seen)

    # --- statements

    def block(self, body: list[ast.stmt], env: dict[str, Any]) -> None:
        """Follow statements."""
        for statement in body:
            self._statement(statement, env)

    def _statement(self, node: ast.stmt, env: dict[str, Any]) -> None:
        self._steps += 1
        if self._steps > _STEPS:
            raise UnknownValue("a long computation", node.lineno)
        match node:
            case ast.If():
                self._if(node, env)
            case ast.For() | ast.While():
                python_loops.loop(self, node, env)
            case ast.With():
                self.look(node.items, env)
                for item in node.items:
                    if item.optional_vars:
                        self.assign(item.optional_vars, self.attempt(item.context_expr, env), env)
                self.block(node.body, env)
            case ast.Try():
                with self._under(f"the `try` on line {node.lineno}") if node.handlers else nullcontext():
                    self.block(node.body, env)
                self.block([*node.orelse, *node.finalbody], env)
            case ast.FunctionDef():
                env[node.name] = node
            case ast.ClassDef():
                self._class(node, env)
            case ast.Break():
                raise python_loops.Broke
            case ast.Continue():
                raise python_loops.Continued
            case ast.Return():
                self.look([node], env)
                raise _Returned(self.attempt(node.value, env) if node.value else None)
            case ast.Assign():
                self.look([node.value], env)
                value = self.attempt(node.value, env)
                for target in node.targets:
                    self.assign(target, value, env)
            case ast.AnnAssign(value=ast.expr() as expression):
                self.look([expression], env)
                self.assign(node.target, self.attempt(expression, env), env)
            case ast.AugAssign():
                combined = ast.BinOp(as_load(node.target), node.op, node.value)
                self.assign(node.target, self.attempt(ast.copy_location(combined, node), env), env)
            case ast.Expr():
                self.look([node.value], env)
                self.attempt(node.value, env)
            case _:
                self.look([node], env)

    def _if(self, node: ast.If, env: dict[str, Any]) -> None:
        self.look([node.test], env)
        value = self.attempt(node.test, env)
        if isinstance(value, UnknownValue):
            if any(isinstance(env.get(name), Tracked) for name in assigned(node.body)):
                self.assumptions.append(f"line {node.lineno}: `if {shown(node.test)}` was taken as not met")
            with self._under(f"`if {shown(node.test)}` on line {node.lineno}"):
                self.look(node.body, env)
                self.block(node.orelse, env)
        else:
            with self._under(""):
                self.look(node.orelse if truth(value) else node.body, env)
            self.block(node.body if truth(value) else node.orelse, env)

    @contextmanager
    def _under(self, condition: str) -> Iterator[None]:
        """What is followed inside happens only under a condition."""
        self._conditions.append(condition)
        try:
            yield
        finally:
            self._conditions.pop()

    def _class(self, node: ast.ClassDef, env: dict[str, Any]) -> None:
        """What a class holds is known as CLASS.NAME; of what is made of it nothing is."""
        inner = dict(env)
        functions = [each.name for each in node.body if isinstance(each, ast.FunctionDef)]
        self.block([each for each in node.body if not isinstance(each, ast.AsyncFunctionDef)], inner)
        env[node.name] = UnknownValue(f"the class {node.name}", node.lineno)
        for name in (*functions, *assigned(node.body)):
            if name in inner and "." not in name:
                env[f"{node.name}.{name}"] = inner[name]

    def assign(self, target: ast.expr, value: Any, env: dict[str, Any]) -> None:
        """Give a name, or several, their values."""
        match target:
            case ast.Name() | ast.Attribute():
                name = dotted(target)
                root = name.partition(".")[0]
                if name:
                    env[name] = value
                if root != name and root in self.env and env.get(root) is self.env[root]:
                    self.env[name] = value  # of a thing that all functions share
            case ast.Subscript():
                self._put(target, value, env)
            case ast.Tuple() | ast.List():
                known = isinstance(value, (list, tuple)) and len(value) == len(target.elts)
                for index, element in enumerate(target.elts):
                    self.assign(
                        element, value[index] if known else UnknownValue(dotted(element), target.lineno), env
                    )

    def _put(self, target: ast.Subscript, value: Any, env: dict[str, Any]) -> None:
        """`things[place] = value`; where the place is not known, nothing in it is."""
        things, place = self.attempt(target.value, env), self.attempt(target.slice, env)
        try:
            if isinstance(place, UnknownValue):
                raise LookupError
            things[plain(place)] = value
        except (TypeError, LookupError, ValueError):
            if name := dotted(target.value):
                env[name] = UnknownValue(name, target.lineno)

    def look(self, nodes: list[Any], env: dict[str, Any]) -> None:
        """Note the BPF(…) calls in these statements or expressions."""
        for top in nodes:
            for node in ast.walk(top):
                if not isinstance(node, ast.Call):
                    continue
                if is_bpf(node) and self._is_new(node):
                    self._seen.add(stretch(node))
                    if (call := bpf_call(self, node, env)) is not None:
                        self.calls.append(call)
                elif is_attach(node):
                    self._attach(node, env)

    def _attach(self, node: ast.Call, env: dict[str, Any]) -> None:
        """Note a call that attaches, once for each target."""
        self._seen.add(stretch(node))
        if "" not in self._conditions and len(self.attached) < _MOST_ATTACHED:
            each = python_attach.noted(self, node, env, " and ".join(self._conditions[-1:]))
            if each not in self.attached:
                self.attached.append(each)

    def file(self, node: ast.expr, env: dict[str, Any]) -> Tracked:
        """The text of a file the tool reads: in the working directory, else beside the tool, as for BCC."""
        name = self.value(node, env)
        if not isinstance(name, Tracked):
            raise UnknownValue(shown(node), node.lineno)
        for candidate in (Path(name.text), self.path.parent / name.text):
            try:
                data = regular_file.read(candidate, _LONGEST_FILE)
            except (OSError, ValueError):
                continue
            except regular_file.NotRegular as error:
                raise UnknownValue(f"a file that cannot be used ({error.sentence})", node.lineno) from None
            text = data.decode("utf-8", "replace")
            self.files.append((str(candidate), text))
            return Tracked.of_file(text, len(self.files) - 1)
        raise UnknownValue(f"the file {name.text}, which is not there", node.lineno)

    # --- expressions

    def attempt(self, node: ast.expr, env: dict[str, Any]) -> Any:
        """The value, or the Unknown that says why there is none."""
        try:
            return self.value(node, env)
        except UnknownValue as error:
            return error

    def value(self, node: ast.expr, env: dict[str, Any]) -> Any:
        """The value of an expression; raises Unknown."""
        self._steps += 1
        self._depth += 1
        try:
            if self._steps > _STEPS or self._depth > 200:
                raise UnknownValue("a long computation", node.lineno)
            value = self._value(node, env)
        except (*_FAILURES, struct.error):
            raise UnknownValue(shown(node), node.lineno) from None
        finally:
            self._depth -= 1
        if isinstance(value, UnknownValue):
            raise value
        return value

    def _value(self, node: ast.expr, env: dict[str, Any]) -> Any:
        match node:
            case ast.Constant(value=str() | bytes()):
                return literal(node, self._rows, 0)
            case ast.Constant():
                return node.value
            case ast.Name() | ast.Attribute():
                return self._name(node, env)
            case ast.JoinedStr():
                return python_ops.fstring(self, node, env)
            case ast.BinOp():
                return python_ops.binary(self, node, env)
            case ast.UnaryOp(op=ast.Not()):
                return not truth(self.value(node.operand, env))
            case ast.UnaryOp(op=ast.USub()):
                return -self.value(node.operand, env)
            case ast.BoolOp():
                return self._bool(node, env)
            case ast.Compare(ops=[only], comparators=[right]):
                left_value, right_value = plain(self.value(node.left, env)), plain(self.value(right, env))
                return COMPARE[type(only)](left_value, right_value)
            case ast.IfExp():
                return self.value(node.body if truth(self.value(node.test, env)) else node.orelse, env)
            case ast.List():
                return [self.value(element, env) for element in node.elts]
            case ast.Tuple():
                return tuple(self.value(element, env) for element in node.elts)
            case ast.ListComp() | ast.GeneratorExp():
                return python_loops.comprehension(self, node, env)
            case ast.Dict():
                pairs = zip(node.keys, node.values, strict=True)
                return {plain(self.value(key, env)): self.value(item, env) for key, item in pairs if key}
            case ast.Subscript(slice=ast.expr() as index) if not isinstance(index, ast.Slice):
                value = self.value(node.value, env)
                place = plain(self.value(index, env))
                return (
                    value.slice(place, place + 1 or len(value.text))
                    if isinstance(value, Tracked)
                    else value[place]
                )
            case ast.Call():
                return self._call(node, env)
        raise UnknownValue(shown(node), node.lineno)

    def _name(self, node: ast.Name | ast.Attribute, env: dict[str, Any]) -> Any:
        name = dotted(node)
        if name in env:
            return env[name]
        if python_bpf.is_constant(name):
            return Tracked.at(name, node.lineno)  # to be asked for its name
        if name == "sys.argv":
            return [Tracked.at(str(self.path), 0)]
        if isinstance(node, ast.Attribute):
            owner = self.attempt(node.value, env)
            if isinstance(owner, Parser) and node.attr in owner.defaults:
                return owner.defaults[node.attr]
            return python_calls.attribute(self, owner, node)
        raise UnknownValue(name or shown(node), node.lineno)

    def _bool(self, node: ast.BoolOp, env: dict[str, Any]) -> Any:
        """and, or: one known operand can decide although another is not known."""
        wanted = isinstance(node.op, ast.Or)
        unknown: UnknownValue | None = None
        value: Any = None
        for operand in node.values:
            value = self.attempt(operand, env)
            if isinstance(value, UnknownValue):
                unknown = unknown or value
            elif truth(value) == wanted:
                return value
        return unknown or value

    def _call(self, node: ast.Call, env: dict[str, Any]) -> Any:
        return python_calls.call(self, node, env)

    def run_function(self, node: ast.FunctionDef, call: ast.Call, env: dict[str, Any]) -> Any:
        """What a function of the tool returns for these arguments."""
        names = [argument.arg for argument in node.args.args]
        defaults = zip(reversed(names), reversed(node.args.defaults), strict=False)
        given = {name: self.attempt(default, env) for name, default in defaults}
        given |= {name: self.attempt(each, env) for name, each in zip(names, call.args, strict=False)}
        given |= {each.arg: self.attempt(each.value, env) for each in call.keywords if each.arg}
        others = {name for name, value in given.items() if value is not self.env.get(name)}
        inner = {name: value for name, value in self.env.items() if name.partition(".")[0] not in others}
        inner |= given
        self._depth += 10
        try:
            if self._depth > 200:
                raise UnknownValue("a recursion", call.lineno)
            self.block(node.body, inner)
        except _Returned as returned:
            return returned.value
        finally:
            self._depth -= 10
        return None


def truth(value: Any) -> bool:
    """Python's truth, for our values."""
    return bool(value.text if isinstance(value, Tracked) else value)
