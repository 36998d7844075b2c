"""What the expressions in a jinja2 text are, from the types of the names they begin with."""

from __future__ import annotations

import types
from collections.abc import Mapping
from difflib import get_close_matches
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from jinja2 import TemplateSyntaxError, nodes

from bpfdoctor.evidence.explain import environment
from bpfdoctor.model.record import dataclass

_STILL_A_LIST = frozenset({"list", "sort", "rejectattr", "selectattr"})


@dataclass(frozen=True, slots=True)
class Bound:
    """What a message binds: the names behind `m.`, int or str; `every` name that any wording binds."""

    names: Mapping[str, type]
    every: frozenset[str]


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression gives: a type (or Bound), and whether it may be None, or not there at all."""

    hint: Any = Any
    none: bool = False
    undefined: bool = False


class Checked:
    """Goes through a text with what was asked so far, and tells what is spoken of without being there."""

    def __init__(self, names: Mapping[str, Value], told: list[str] | None = None) -> None:
        self._names = names
        self._environment = environment()
        self._told: list[str] = [] if told is None else told

    def text(self, text: str, known: frozenset[str]) -> list[str]:
        """Sentences, one for each mistake; `known` are the paths ("f", "f.check") known to be there."""
        try:
            body = _parsed(text).body
        except TemplateSyntaxError as error:
            return [f"it is not jinja2: {error.message}"]
        for part in body:
            self._statement(part, known)
        return self._told

    def asked(self, condition: str) -> frozenset[str] | None:
        """The paths that are there when the condition comes out true; None when it never does."""
        (test,) = _parsed(f"{{% if {condition} %}}{{% endif %}}").find_all(nodes.If)
        return None if self._decided(test.test) is False else _asked(test.test, True)

    def _statement(self, node: nodes.Node, known: frozenset[str]) -> None:
        match node:
            case nodes.Output():
                for printed in node.nodes:
                    if not isinstance(printed, nodes.TemplateData):
                        self._there(printed, known)
            case nodes.If():
                self._branches([node, *node.elif_], node.else_, known)
            case nodes.For(target=nodes.Name() as target):
                each = _element(self._there(node.iter, known))
                inner = Checked({**self._names, target.name: each}, self._told)
                for part in node.body:
                    inner._statement(part, known)
            case _:
                self._told.append(f"{type(node).__name__} is not used in rules")

    def _branches(self, ways: list[nodes.If], otherwise: list[nodes.Node], known: frozenset[str]) -> None:
        """`if`, `elif` … and `else`: each with what the tests before it have asked."""
        for way in ways:
            self._expression(way.test, known)
            if self._decided(way.test) is not False:
                for part in way.body:
                    self._statement(part, known | _asked(way.test, True))
            if self._decided(way.test):
                return
            known |= _asked(way.test, False)
        for part in otherwise:
            self._statement(part, known)

    def _decided(self, test: nodes.Node) -> bool | None:
        """How a test comes out that asks only which names this wording of the message binds."""
        match test:
            case nodes.Test(name="defined", node=nodes.Getattr(node=nodes.Name() as base, attr=attr)):
                bound = self._names.get(base.name, Value()).hint
                return attr in bound.names if isinstance(bound, Bound) else None
            case nodes.Not():
                inner = self._decided(test.node)
                return None if inner is None else not inner
            case nodes.And() | nodes.Or():
                both = {self._decided(test.left), self._decided(test.right)}
                stops = isinstance(test, nodes.Or)
                return stops if stops in both else None if None in both else not stops
        return None

    def _there(self, node: nodes.Node, known: frozenset[str]) -> Value:
        """The expression, which must be something here: it is printed, counted or looked into."""
        value = self._expression(node, known)
        if value.none:
            self._told.append(f"{_path(node) or 'a value'} may be None here; ask for it first")
            return Value(value.hint)
        return value

    def _expression(self, node: nodes.Node, known: frozenset[str], may_be_undefined: bool = False) -> Value:
        value = self._typed(node, known)
        path = _path(node)
        if path in known:
            return Value(value.hint)
        if value.undefined and not may_be_undefined:
            self._told.append(f"{path} is not always bound; ask `{path} is defined` first")
            return Value(value.hint)
        return value

    def _typed(self, node: nodes.Node, known: frozenset[str]) -> Value:
        match node:
            case nodes.Const():
                return Value(type(node.value), none=node.value is None)
            case nodes.Name():
                if node.name not in self._names:
                    self._told.append(f"there is no {node.name}{_near(node.name, self._names)}")
                    return Value()
                return self._names[node.name]
            case nodes.Getattr():
                return self._attribute(self._there(node.node, known), node)
            case nodes.Getitem():
                self._expression(node.arg, known)
                return _element(self._there(node.node, known))
            case nodes.Slice():
                return Value()
            case nodes.And() | nodes.Or():
                goes_on = isinstance(node, nodes.And)
                left = self._expression(node.left, known)
                if self._decided(node.left) is (not goes_on):
                    return left
                right = self._expression(node.right, known | _asked(node.left, goes_on))
                return Value(bool) if goes_on else Value(none=right.none)
            case nodes.Not():
                self._expression(node.node, known)
                return Value(bool)
            case nodes.CondExpr():
                self._expression(node.test, known)
                if node.expr2 is None:
                    self._told.append("an `if` in an expression needs its `else`")
                    return Value()
                ways = [
                    self._expression(way, known | _asked(node.test, outcome))
                    for way, outcome in ((node.expr1, True), (node.expr2, False))
                    if self._decided(node.test) is not (not outcome)
                ]
                return Value(ways[0].hint, any(way.none for way in ways))
            case nodes.Test():
                self._expression(node.node, known, may_be_undefined=node.name == "defined")
                return Value(bool)
            case nodes.Compare():
                same = all(operand.op in ("eq", "ne", "in", "notin") for operand in node.ops)
                (self._expression if same else self._there)(node.expr, known)
                for operand in node.ops:
                    equal = operand.op in ("eq", "ne")
                    (self._expression if equal else self._there)(operand.expr, known)
                return Value(bool)
            case nodes.Filter():
                return self._filtered(node, known)
            case nodes.Call():
                return self._called(node, known)
            case nodes.BinExpr() | nodes.UnaryExpr() | nodes.Concat() | nodes.Tuple() | nodes.List():
                for part in node.iter_child_nodes():
                    self._there(part, known)
                return Value()
            case nodes.Dict():
                return Value(dict)
            case _:
                self._told.append(f"{type(node).__name__} is not used in rules")
                return Value()

    def _attribute(self, value: Value, node: nodes.Getattr) -> Value:
        if isinstance(value.hint, Bound):
            if node.attr in value.hint.names:
                return Value(value.hint.names[node.attr])
            if node.attr not in value.hint.every:
                near = _near(node.attr, value.hint.every)
                self._told.append(f"no message of the rule binds {node.attr}{near}")
                return Value()
            return Value(undefined=True)
        if value.hint is Any:
            return Value()
        fields = fields_of(value.hint)
        if node.attr in fields:
            return fields[node.attr]
        name = getattr(value.hint, "__name__", str(value.hint))
        self._told.append(f"{name} has no {node.attr}{_near(node.attr, fields)}")
        return Value()

    def _filtered(self, node: nodes.Filter, known: frozenset[str]) -> Value:
        if node.name not in self._environment.filters:
            self._told.append(f"there is no filter {node.name}{_near(node.name, self._environment.filters)}")
        if node.node is None:
            return Value()
        if node.name == "default":
            self._expression(node.node, known, may_be_undefined=True)
            return Value()
        value = self._there(node.node, known)
        for argument in node.args:
            self._there(argument, known)
        if node.name in ("rejectattr", "selectattr") and isinstance(node.args[0], nodes.Const):
            self._attribute(_element(value), nodes.Getattr(node.node, node.args[0].value, "load"))
        return value if node.name in _STILL_A_LIST else Value()

    def _called(self, node: nodes.Call, known: frozenset[str]) -> Value:
        value = self._there(node.node, known)
        for argument in node.args:
            self._expression(argument, known)
        if isinstance(node.node, nodes.Getattr):
            return Value(none=node.node.attr == "get" and len(node.args) < 2)
        return _value(get_type_hints(value.hint).get("return", Any)) if callable(value.hint) else Value()


@cache
def _parsed(text: str) -> nodes.Template:
    return environment().parse(text)


@cache
def fields_of(hint: Any) -> Mapping[str, Value]:
    """The attributes of a type of ours, and of str: their names and types."""
    if not isinstance(hint, type):
        return {}
    if not hint.__module__.startswith("bpfdoctor."):
        return {name: Value() for name in dir(hint) if not name.startswith("_")}
    found = {name: _value(each) for name, each in get_type_hints(hint).items()}
    if issubclass(hint, Enum):
        found = {"name": Value(str), "value": Value(str)}
    for name in dir(hint):
        if name in found or name.startswith("_"):
            continue
        attribute = getattr(hint, name, None)
        given = attribute.fget if isinstance(attribute, property) else None
        found[name] = _value(get_type_hints(given).get("return", Any)) if given else Value()
    return found


def may_be_empty(text: str) -> bool:
    """Whether a text can have nothing to say: all of it depends on conditions that may all be false."""
    try:
        return not _says_something(_parsed(text).body)
    except TemplateSyntaxError:
        return False  # Checked.text() tells


def _says_something(parts: list[nodes.Node]) -> bool:
    for part in parts:
        if isinstance(part, nodes.If):
            ways = [part.body, *(way.body for way in part.elif_), part.else_]
            if all(map(_says_something, ways)):
                return True
        elif isinstance(part, nodes.Output) and any(
            not isinstance(one, nodes.TemplateData) or one.data.strip() for one in part.nodes
        ):
            return True
    return False


def _asked(test: nodes.Node, outcome: bool) -> frozenset[str]:
    """The paths that are known to be there when the test comes out so."""
    match test:
        case nodes.Name() | nodes.Getattr() | nodes.Call():
            path = _path(test)
            return _with_bases(path) if outcome and path else frozenset()
        case nodes.Not():
            return _asked(test.node, not outcome)
        case nodes.And() | nodes.Or():
            left, right = _asked(test.left, outcome), _asked(test.right, outcome)
            return left | right if isinstance(test, nodes.And) == outcome else left & right
        case nodes.Test(name="defined") if outcome:
            return _with_bases(_path(test.node) or "")
        case nodes.Test(name="none") if not outcome:
            return _with_bases(_path(test.node) or "")
        case nodes.Compare(ops=[nodes.Operand(op="eq" | "gt" | "lt" | "gteq" | "lteq" | "in")]) if outcome:
            return _with_bases(_path(test.expr) or "")
        case nodes.Compare(ops=[nodes.Operand(op="ne" | "notin")]) if not outcome:
            return _with_bases(_path(test.expr) or "")
        case nodes.Filter(name="length", node=nodes.Node() as inner):
            return _asked(inner, outcome)
    return frozenset()


def _with_bases(path: str) -> frozenset[str]:
    parts = path.split(".")
    return frozenset(".".join(parts[:end]) for end in range(1, len(parts) + 1)) - {""}


def _path(node: nodes.Node) -> str:
    """`f.check` as it is written; "" for what is no chain of names."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and (base := _path(node.node)):
        return f"{base}.{node.attr}"
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.args:
        given = node.args[0]
        return f"{node.node.name}({repr(given.value) if isinstance(given, nodes.Const) else _path(given)})"
    return ""


def _value(hint: Any) -> Value:
    """A type hint without its None."""
    if get_origin(hint) not in (Union, types.UnionType):
        return Value(hint)
    others = [each for each in get_args(hint) if each is not type(None)]
    return Value(others[0] if len(others) == 1 else Any, none=len(others) < len(get_args(hint)))


def _element(value: Value) -> Value:
    arguments = get_args(value.hint)
    return _value(arguments[0]) if get_origin(value.hint) in (tuple, list) and arguments else Value()


def _near(name: str, names: Any) -> str:
    near = get_close_matches(name, sorted(names), 1)
    return f"; {near[0]} is meant?" if near else ""
