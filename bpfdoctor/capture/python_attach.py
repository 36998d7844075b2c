"""Where a BCC Python tool attaches its programs, as far as its text tells: attach_…(…), enable_probe(…).

The methods and the order of their parameters are those of bcc/__init__.py and bcc/usdt.py, 0.26 to 0.37.
"""

from __future__ import annotations

import ast
from typing import Any

from bpfdoctor.capture.python_names import Stretch, assigned, dotted, shown, stretch
from bpfdoctor.capture.python_values import Evaluation, LoadedFunction, UnknownValue, UsdtContext
from bpfdoctor.capture.tracked import plain
from bpfdoctor.model.attach import Attach, Value
from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True)
class Method:
    """A method that attaches: the type of the program, and the parameters in their order."""

    type: str  # "" where load_func says it
    parameters: tuple[str, ...]


_USER = ("name", "sym", "sym_re", "addr", "fn_name", "pid", "sym_off")
_PERF = ("fn_name", "sample_period", "sample_freq", "pid", "cpu", "group_fd")
METHODS = {
    "attach_kprobe": Method("kprobe", ("event", "event_off", "fn_name", "event_re")),
    "attach_kretprobe": Method("kprobe", ("event", "fn_name", "event_re", "maxactive")),
    "attach_uprobe": Method("kprobe", _USER),
    "attach_uretprobe": Method("kprobe", _USER[:6]),
    "enable_probe": Method("kprobe", ("probe", "fn_name")),
    "enable_probe_or_bail": Method("kprobe", ("probe", "fn_name")),
    "attach_tracepoint": Method("tracepoint", ("tp", "tp_re", "fn_name")),
    "attach_raw_tracepoint": Method("raw_tracepoint", ("tp", "fn_name")),
    "attach_kfunc": Method("tracing", ("fn_name",)),
    "attach_kretfunc": Method("tracing", ("fn_name",)),
    "attach_lsm": Method("lsm", ("fn_name",)),
    "attach_perf_event": Method("perf_event", ("ev_type", "ev_config", *_PERF)),
    "attach_perf_event_raw": Method("perf_event", ("attr", "fn_name", "pid", "cpu", "group_fd")),
    "attach_xdp": Method("", ("dev", "fn", "flags")),
    "attach_raw_socket": Method("", ("fn", "dev")),
    "attach_func": Method("", ("fn", "attachable_fd", "attach_type", "flags")),
}


def is_attach(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS


def noted(at: Evaluation, node: ast.Call, env: dict[str, Any], only_if: str) -> Attach:
    """What a call attaches where."""
    assert isinstance(node.func, ast.Attribute)
    names = METHODS[node.func.attr].parameters
    given = dict(zip(names, node.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg in names}
    values: dict[str, Value] = {}
    unknown: dict[str, str] = {}
    for name, expression in given.items():
        _put(name, at.attempt(expression, env), values, unknown, expression)
    if any(isinstance(each, ast.Starred) for each in node.args) or None in {k.arg for k in node.keywords}:
        unknown |= {name: shown(node) for name in names if name not in values}
    if "probe" in names:
        owner = at.attempt(node.func.value, env)
        if isinstance(owner, UsdtContext):
            _put("path", owner.path, values, unknown, node.func.value)
            _put("pid", owner.pid, values, unknown, node.func.value)
        else:
            unknown["path"] = unknown["pid"] = shown(node.func.value)
    function = values.get("fn_name", values.get("fn"))
    one_line = node.end_lineno == node.lineno
    return Attach(
        node.func.attr,
        node.lineno,
        node.func.value.col_offset,
        (node.end_col_offset or 0) if one_line else 0,
        function if isinstance(function, str) else None,
        values,
        unknown,
        only_if,
    )


def _put(
    name: str, value: Any, values: dict[str, Value], unknown: dict[str, str], expression: ast.expr
) -> None:
    if isinstance(value, LoadedFunction):
        value = value.name
    value = plain(value)
    if isinstance(value, UnknownValue):
        unknown[name] = value.reason
    elif value is None or isinstance(value, (str, int)):
        values[name] = value
    else:
        unknown[name] = shown(expression)


def of_uncalled(at: Evaluation, tree: ast.Module, env: dict[str, Any], seen: set[Stretch]) -> list[Attach]:
    """The calls in functions that nobody was seen to call: methods, callbacks."""
    found: list[Attach] = []
    for function in ast.walk(tree):
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        calls = [each for each in ast.walk(function) if isinstance(each, ast.Call) and is_attach(each)]
        inner = dict(env)
        for name in _own_names(function) if calls else ():
            inner[name] = UnknownValue(name, function.lineno)
        for call in calls:
            if stretch(call) not in seen:
                seen.add(stretch(call))
                found.append(noted(at, call, inner, f"{function.name}() is called"))
    return found


def _own_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    given = function.args
    parameters = {each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    targets = {dotted(each.target) for each in ast.walk(function) if isinstance(each, ast.For)}
    return (parameters | assigned(function.body) | targets) - {""}
