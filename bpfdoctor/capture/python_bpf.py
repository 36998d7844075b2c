"""A tool's calls of BCC itself: which text BPF(…) gets, and what the others would answer on this machine."""

from __future__ import annotations

import ast
import os
import re
from functools import cache
from typing import Any

from bpfdoctor.capture.python_names import dotted, shown
from bpfdoctor.capture.python_values import Evaluation, LoadedFunction, UnknownValue, UsdtContext
from bpfdoctor.capture.tracked import Tracked, plain
from bpfdoctor.model.record import dataclass

# How the kernel calls the functions of system calls since 4.17; BCC asks /proc/kallsyms for it.
_SYSCALL_PREFIX = {
    "x86_64": "__x64_sys_",
    "aarch64": "__arm64_sys_",
    "s390x": "__s390x_sys_",
    "riscv64": "__riscv_sys_",
}
_PREFIXES = ("sys_", "__x64_sys_", "__x32_compat_sys_", "__ia32_compat_sys_", *_SYSCALL_PREFIX.values())


_CONSTANTS = ("BPF", "PerfType", "PerfHWConfig", "PerfSWConfig")


def is_constant(name: str) -> bool:
    """Whether a name is one of BCC's: BPF.XDP, PerfType.SOFTWARE."""
    owner, _, own = name.rpartition(".")
    return owner.removeprefix("bcc.") in _CONSTANTS and own.isupper()


@dataclass(slots=True)
class BpfCall:
    """One BPF(…): its program text, or why it is not known."""

    line: int
    text: Tracked | None
    cflags: tuple[str, ...]
    problem: UnknownValue | None


def bpf_call(at: Evaluation, node: ast.Call, env: dict[str, Any]) -> BpfCall | None:
    """What a BPF(…) is given; None for the BPF() of another library."""
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    for name, value in zip(("src_file", "hdr_file", "text"), node.args, strict=False):
        given.setdefault(name, value)
    text: Tracked | None = None
    problem: UnknownValue | None = None
    flags: tuple[str, ...] = ()
    try:
        if "text" in given:
            found = at.value(given["text"], env)
        elif "src_file" in given:
            found = at.file(given["src_file"], env)
        elif None in given or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise UnknownValue(shown(node), node.lineno)  # BPF(**how)
        else:
            return None
        if not isinstance(found, Tracked):
            raise UnknownValue(shown(given.get("text", node)), node.lineno)
        if not _is_text(found.text):
            raise UnknownValue("a character that is half of one (a surrogate)", node.lineno)
        text = found
    except UnknownValue as error:
        problem = error
    if "cflags" in given:
        listed = given["cflags"]
        values = [at.attempt(e, env) for e in listed.elts] if isinstance(listed, ast.List) else None
        words = values if values is not None else at.attempt(listed, env)
        words = words if isinstance(words, (list, tuple)) else [words]
        flags = tuple(word.text for word in words if isinstance(word, Tracked) and _is_text(word.text))
        if len(flags) < len(words):
            at.assumptions.append(f"line {node.lineno}: cflags that could not be worked out were left out")
    return BpfCall(node.lineno, text, flags, problem)


def _is_text(text: str) -> bool:
    try:
        return bool(text.encode()) or not text
    except UnicodeEncodeError:
        return False


def answered(at: Evaluation, node: ast.Call, env: dict[str, Any]) -> Any:
    """What a call of BCC's API gives; NotImplemented for every other call."""
    name = dotted(node.func).rpartition(".")[2]
    match name:
        case "USDT":
            given = dict(zip(("pid", "path"), node.args, strict=False))
            given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
            values = {key: at.attempt(value, env) for key, value in given.items()}
            return UsdtContext(values.get("path"), values.get("pid"))
        case "load_func" if node.args:
            return LoadedFunction(str(plain(at.value(node.args[0], env))))
        case "get_syscall_fnname" if len(node.args) == 1:
            return Tracked.at(_syscall(at, node, str(plain(at.value(node.args[0], env)))), node.lineno)
        case "fix_syscall_fnname" if len(node.args) == 1:
            full = str(plain(at.value(node.args[0], env)))
            short = next((full[len(each) :] for each in _PREFIXES if full.startswith(each)), None)
            return Tracked.at(full if short is None else _syscall(at, node, short), node.lineno)
        case "get_syscall_prefix":
            return Tracked.at(_syscall(at, node, ""), node.lineno)
        case "ksymname" if len(node.args) == 1 and _kernel_symbols():
            return 1 if str(plain(at.value(node.args[0], env))) in _kernel_symbols() else -1
        case "get_kprobe_functions" if len(node.args) == 1:
            return _kernel_functions(str(plain(at.value(node.args[0], env))), node)
    return NotImplemented


def _syscall(at: Evaluation, node: ast.Call, name: str) -> str:
    prefix = _SYSCALL_PREFIX.get(os.uname().machine)
    if prefix is None:
        raise UnknownValue(shown(node), node.lineno)
    return prefix + name


def _kernel_functions(pattern: str, node: ast.Call) -> list[Tracked]:
    """The running kernel's functions that a regular expression fits, as BCC lists them: by /proc/kallsyms."""
    if re.fullmatch(r"\^?[\w.]+\$?", pattern) is None:
        raise UnknownValue(shown(node), node.lineno)  # it may fit thousands, or take for ever
    exact = pattern.removeprefix("^")
    whole = exact.endswith("$")
    exact = exact.removesuffix("$")
    if "." in exact:
        raise UnknownValue(shown(node), node.lineno)
    names = _kernel_symbols()
    if not names:
        raise UnknownValue(shown(node), node.lineno)
    found = [each for each in names if (each == exact if whole else each.startswith(exact))]
    return [Tracked.at(each, node.lineno) for each in sorted(found)]


@cache
def _kernel_symbols() -> frozenset[str]:
    try:
        with open("/proc/kallsyms", encoding="ascii", errors="replace") as file:
            lines = (line.split() for line in file)
            return frozenset(parts[2] for parts in lines if len(parts) > 2 and parts[1] in "tT")
    except OSError:
        return frozenset()
