"""The calls that python_eval follows: methods of strings, argparse, built-ins, the tool's own functions."""

from __future__ import annotations

import ast
import os
import re
import textwrap
from functools import cache
from typing import Any

from bpfdoctor import temporary
from bpfdoctor.capture import python_bpf, vmlinux
from bpfdoctor.capture.python_loops import lines_of
from bpfdoctor.capture.python_names import dotted
from bpfdoctor.capture.python_ops import FUNCTIONS, MOST_ITEMS
from bpfdoctor.capture.python_values import (
    Evaluation,
    FileStatus,
    Parser,
    ParserMethod,
    Symbols,
    TextFile,
    UnknownValue,
)
from bpfdoctor.capture.tracked import Tracked, plain

_TESTS = ("startswith", "endswith", "isdigit", "count", "find")
_CASES = ("upper", "lower", "title", "capitalize")

#: what a tool asks of the machine, and may be told without asking
_KNOWN: dict[str, Any] = {
    "os.getpid": 1,
    "getpid": 1,
    "BPF.support_raw_tracepoint": True,  # since 4.17
    "BPF.support_raw_tracepoint_in_module": True,
    "resource.getpagesize": os.sysconf("SC_PAGE_SIZE"),
    "getpagesize": os.sysconf("SC_PAGE_SIZE"),
    "os.cpu_count": os.cpu_count(),
    "cpu_count": os.cpu_count(),
    "multiprocessing.cpu_count": os.cpu_count(),
}
_SYMBOLS = "/proc/kallsyms"
_PARSERS_METHODS = (
    "add_argument", "add_argument_group", "add_mutually_exclusive_group", "parse_args", "parse_known_args",
)  # fmt: skip


def call(at: Evaluation, node: ast.Call, env: dict[str, Any]) -> Any:
    """The value of a call; raises Unknown."""
    name = dotted(node.func)
    if (of_bcc := python_bpf.answered(at, node, env)) is not NotImplemented:
        return of_bcc
    own = env.get(name)
    if isinstance(own, ast.FunctionDef):
        return at.run_function(own, node, env)
    if isinstance(own, ParserMethod):
        return _parser(at, own.parser, own.name, node, env)
    if name.rpartition(".")[2] == "ArgumentParser":
        return Parser()
    if name in _KNOWN:
        return _KNOWN[name]
    if name in ("BPF.kernel_struct_has_field", "BPF.tracepoint_exists") and len(node.args) == 2:
        asked = [str(plain(at.value(argument, env))) for argument in node.args]
        return _kernel_has(name, asked, node.lineno)
    if name == "filter_by_containers":  # of bcc.containers: what it adds without --cgroupmap and --mntnsmap
        return Tracked.at("static inline int container_should_be_filtered() { return 0; }\n", 0)
    if name == "open" and node.args:
        named = plain(at.value(node.args[0], env))
        return Symbols() if named == _SYMBOLS else TextFile(at.file(node.args[0], env))
    if name in ("os.stat", "stat", "os.fstat"):
        return FileStatus()
    if isinstance(node.func, ast.Attribute):
        owner = at.attempt(node.func.value, env)
        if isinstance(owner, Parser):
            return _parser(at, owner, node.func.attr, node, env)
        if isinstance(owner, Tracked):
            return _method(at, owner, node.func.attr, node, env)
        if isinstance(owner, TextFile) and node.func.attr == "read":
            return owner.text
        if isinstance(owner, TextFile) and node.func.attr == "readlines":
            return lines_of(owner.text)
        if isinstance(owner, Symbols) and node.func.attr == "readlines":
            return owner
        if isinstance(owner, (list, dict)):
            return _of_many(at, owner, node.func.attr, node, env)
        if isinstance(owner, UnknownValue) and (not name or name.rpartition(".")[0] in env):
            raise owner
    values = [at.value(argument, env) for argument in node.args]
    if name in ("str", "bytes") and values:
        first = values[0]
        return first if isinstance(first, Tracked) else Tracked.at(str(plain(first)), node.lineno)
    if name in ("textwrap.dedent", "dedent") and isinstance(values[0], Tracked):
        return _dedent(values[0])
    if name in FUNCTIONS and not node.keywords:
        return FUNCTIONS[name](*(plain(value) for value in values))
    if name in ("enumerate", "zip", "list", "tuple", "sorted", "reversed") and not node.keywords:
        return _listed(name, values)
    if name == "range" and all(isinstance(value, int) for value in values):
        numbers = range(*values)
        return list(numbers) if len(numbers) <= 100 else UnknownValue("a long range", node.lineno)
    raise UnknownValue(f"{name or ast.unparse(node.func)[:40]}(…)", node.lineno)


def _parser(at: Evaluation, parser: Parser, method: str, node: ast.Call, env: dict[str, Any]) -> Any:
    """A method of an argparse parser or group: what the options are without arguments."""
    if method == "add_argument":
        given = {keyword.arg: at.attempt(keyword.value, env) for keyword in node.keywords if keyword.arg}
        flags = [str(plain(flag)) for flag in (at.attempt(argument, env) for argument in node.args)]
        name = plain(given.get("dest")) or next(
            (flag for flag in flags if flag.startswith("--")), flags[:1] and flags[0]
        )
        action = plain(given.get("action"))
        default: Any = {"store_true": False, "store_false": True}.get(str(action))
        if "default" in given:
            default = given["default"]
        elif flags and not flags[0].startswith("-") and plain(given.get("nargs")) not in ("?", "*"):
            default = UnknownValue(f"the argument {flags[0]}", node.lineno)
        parser.defaults[str(name).lstrip("-").replace("-", "_")] = default
        return None
    if method in ("add_argument_group", "add_mutually_exclusive_group", "parse_args"):
        return parser
    if method == "parse_known_args":
        return (parser, [])
    raise UnknownValue(f"{method}(…)", node.lineno)


def _method(at: Evaluation, text: Tracked, method: str, node: ast.Call, env: dict[str, Any]) -> Any:
    """A method of a string."""
    values = [at.value(argument, env) for argument in node.args]
    if (
        method == "replace"
        and len(values) >= 2
        and isinstance(values[0], Tracked)
        and isinstance(values[1], Tracked)
    ):
        return text.replace(values[0].text, values[1], *values[2:3])
    if method == "format":
        named = {keyword.arg: at.value(keyword.value, env) for keyword in node.keywords if keyword.arg}
        return text.format(values, named)
    if method in ("strip", "lstrip", "rstrip"):
        return text.strip(method, values[0].text if values else None)
    if method in ("encode", "decode"):
        return text
    if method in _CASES:
        return Tracked.at(getattr(text.text, method)(), text.origin)
    if method in _TESTS:
        return getattr(text.text, method)(*(plain(value) for value in values))
    if method == "join" and values and isinstance(values[0], (list, tuple)):
        result = Tracked("", [])
        for index, item in enumerate(values[0]):
            if isinstance(item, UnknownValue):
                raise item
            result += (text if index else Tracked("", [])) + item
        return result
    if method in ("split", "splitlines"):
        return _split(text, [plain(value) for value in values], method)
    raise UnknownValue(f"….{method}(…)", node.lineno)


def _split(text: Tracked, how: list[Any], method: str) -> list[Tracked]:
    """The parts of a text, each with its own lines."""
    parts, at = [], 0
    for part in getattr(text.text, method)(*how):
        start = text.text.index(part, at)
        parts.append(text.slice(start, start + len(part)))
        at = start + len(part)
    return parts


def _listed(name: str, values: list[Any]) -> list[Any] | tuple[Any, ...]:
    """The built-ins that make a list of lists; raises TypeError for what is none."""
    if not all(isinstance(value, (list, tuple)) for value in values[:1] + values[1:] * (name == "zip")):
        raise TypeError
    match name:
        case "enumerate":
            first = values[1] if len(values) > 1 else 0
            return [(first + index, value) for index, value in enumerate(values[0])]
        case "zip":
            return list(zip(*values, strict=False))
        case "sorted":
            return sorted(values[0], key=plain)
        case "reversed":
            return list(reversed(values[0]))
        case _:
            return list(values[0]) if name == "list" else tuple(values[0])


def _of_many(
    at: Evaluation, many: list[Any] | dict[Any, Any], method: str, node: ast.Call, env: dict[str, Any]
) -> Any:
    """A method of a list or a dictionary; what is not known may be put into a list."""
    values = [at.attempt(argument, env) for argument in node.args]
    if isinstance(many, list):
        if len(many) > MOST_ITEMS:
            raise UnknownValue("a very long list", node.lineno)
        if method == "append" and len(values) == 1:
            return many.append(values[0])
        if method == "extend" and len(values) == 1 and isinstance(values[0], (list, tuple)):
            return many.extend(values[0][:MOST_ITEMS])
        if method == "insert" and len(values) == 2:
            return many.insert(plain(values[0]), values[1])
    elif method in ("items", "keys", "values") and not values:
        keys = [Tracked.at(key, node.lineno) if isinstance(key, str) else key for key in many]
        pairs = list(zip(keys, many.values(), strict=True))
        return {"items": pairs, "keys": keys, "values": list(many.values())}[method]
    elif method == "get" and 1 <= len(values) <= 2 and not isinstance(values[0], UnknownValue):
        return many.get(plain(values[0]), *values[1:])
    raise UnknownValue(f"….{method}(…)", node.lineno)


def attribute(at: Evaluation, owner: Any, node: ast.Attribute) -> Any:
    """What a thing has under a name; raises Unknown."""
    if isinstance(owner, FileStatus) and node.attr.startswith("st_"):
        at.assumptions.append(
            f"line {node.lineno}: what {ast.unparse(node)[:40]} is on your machine is a stand-in"
        )
        return 1
    if isinstance(owner, Parser) and node.attr in _PARSERS_METHODS:
        return ParserMethod(owner, node.attr)
    raise UnknownValue(dotted(node) or ast.unparse(node)[:60], node.lineno)


def _dedent(text: Tracked) -> Tracked:
    """textwrap.dedent: the same lines, with less in front."""
    result, at = Tracked("", []), 0
    for line, short in zip(text.text.split("\n"), textwrap.dedent(text.text).split("\n"), strict=True):
        end = at + len(line)
        result += text.slice(end - len(short) if short else end, end)
        result += text.slice(end, end + 1)
        at = end + 1
    return result


def _kernel_has(question: str, asked: list[str], line: int) -> int:
    """What BCC would answer on this kernel, from its types."""
    types = _kernel_types()
    if not types:
        raise UnknownValue(f"{question}({asked[0]}, {asked[1]})", line)
    if question == "BPF.tracepoint_exists":
        return int(f"(*btf_trace_{asked[1]})(" in types)
    start = types.find(f"\nstruct {asked[0]} {{\n")
    body = types[start : types.find("\n}", start)] if start >= 0 else ""
    # bpftool writes a member per line; those of nested structs stand deeper
    return int(
        any(re.match(rf"\t[^\t].*\b{re.escape(asked[1])}\b[^ ]*( : \d+)?;$", row) for row in body.split("\n"))
    )


@cache
def _kernel_types() -> str:
    """The running kernel's types as C, "" when they cannot be had."""
    with temporary.Folder() as scratch:
        folder = vmlinux.cached() or vmlinux.generate(os.environ, scratch)[0]
        return (folder / "vmlinux.h").read_text("utf-8", "replace") if folder else ""
