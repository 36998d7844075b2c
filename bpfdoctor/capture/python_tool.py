"""What a BCC Python tool loads and attaches, worked out in a limited copy of this process."""

from __future__ import annotations

import ast
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bpfdoctor import forked, looked_at
from bpfdoctor.capture.python_attach import METHODS
from bpfdoctor.capture.python_bpf import BpfCall
from bpfdoctor.capture.python_eval import Evaluator
from bpfdoctor.capture.python_values import UnknownValue
from bpfdoctor.capture.tracked import Tracked
from bpfdoctor.kernel import types
from bpfdoctor.model.attach import Attach
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass

SECONDS = 10
WAY_OUT = "Save the C text into a file of its own and check that: bpfdoctor check prog.c --flavour bcc"
_MOST_PROGRAMS = 20  # BPF(…) of a tool; those of BCC have one to three
_MOST_TEXT = 16 << 20  # characters of all of them


@dataclass(frozen=True, slots=True)
class ToolProgram:
    """One BPF(…) of a tool: its text, and where its lines come from; or why that is not known."""

    line: int  # of the BPF(…)
    text: str | None
    file: tuple[str, str]  # the (path, text) that most of it comes from
    lines: dict[int, int]  # line of `text` -> line of that file
    cflags: tuple[str, ...]
    unknown: str  # why it is not known, as what follows "the BPF(…) on line 3"; "" where it is


@dataclass(frozen=True, slots=True)
class Tool:
    """What a tool does, as it runs without arguments."""

    programs: tuple[ToolProgram, ...]
    attached: dict[str, str]  # function -> program type
    attaches: tuple[Attach, ...]  # the calls that attach them
    assumptions: tuple[str, ...]


def follow(text: str, path: Path) -> Tool:
    """The tool, followed to its end. Raises Problem for what is no Python 3, and for what takes too long."""
    try:
        answer = forked.worked_out(lambda: _told(text, path), SECONDS)
    except forked.Unfinished:
        raise Problem(
            f"What {path} hands to BPF(…) takes too much to work out: it has {SECONDS} s and "
            "1 GiB of memory.",
            WAY_OUT,
        ) from None
    found: dict[str, Any] = json.loads(answer)
    looked_at.noted(**found["looked"])
    if "problem" in found:
        raise Problem(*found["problem"])
    files = [(name, content) for name, content in found["files"]]
    programs = tuple(
        ToolProgram(
            each["line"],
            each["text"],
            files[each["file"]],
            {int(line): origin for line, origin in each["lines"].items()},
            tuple(each["cflags"]),
            each["unknown"],
        )
        for each in found["programs"]
    )
    attaches = tuple(Attach(**each) for each in found["attaches"])
    return Tool(programs, found["attached"], attaches, tuple(found["assumptions"]))


def _told(text: str, path: Path) -> bytes:
    with looked_at.in_copy() as looked:
        found = _followed(text, path)
    return json.dumps({**found, "looked": looked}).encode()


def _followed(text: str, path: Path) -> dict[str, Any]:
    """What `follow` needs, as JSON can hold it."""
    try:
        tool = Evaluator(text, path)
        tool.run()
    except SyntaxError as error:
        return {
            "problem": (
                f"{path} is not Python 3: line {error.lineno}: {error.msg}.",
                "If it is a Python 2 tool, save its C text into a file and check that: --flavour bcc.",
            )
        }
    except (RecursionError, ValueError):
        return {"problem": (f"{path} cannot be read as Python.", WAY_OUT)}
    programs = _programs(tool.calls)
    used = {each["file"] for each in programs}
    files = [(name, content if at in used else "") for at, (name, content) in enumerate(tool.files)]
    return {
        "programs": programs,
        "files": files,
        "attached": attachments(tool),
        "attaches": [asdict(each) for each in tool.attached],
        "assumptions": tool.assumptions[:3],
    }


def _programs(calls: list[BpfCall]) -> list[dict[str, Any]]:
    """The programs; of very many, and of very long ones, the first, and one that stands for the others."""
    programs: list[dict[str, Any]] = []
    left = _MOST_TEXT
    for call in calls:
        left -= len(call.text.text) if call.text is not None else 0
        if len(programs) == _MOST_PROGRAMS or left < 0:
            after = len(calls) - len(programs) - 1
            unknown = f"is not looked at, nor {after} more after it: a tool has a few of them"
            return [*programs, _program(BpfCall(call.line, None, (), None), unknown)]
        programs.append(_program(call, _unknown(call.problem) if call.problem else ""))
    return programs


def _unknown(problem: UnknownValue) -> str:
    return f"depends on {problem.reason} (line {problem.line}), which is only known when the tool runs"


def _program(call: BpfCall, unknown: str) -> dict[str, Any]:
    file, lines = call.text.line_map() if call.text is not None else (0, {})
    text = call.text.text if call.text is not None else None
    return {
        "line": call.line,
        "text": text,
        "file": file,
        "lines": lines,
        "cflags": call.cflags,
        "unknown": unknown,
    }


def attachments(tool: Evaluator) -> dict[str, str]:
    """Function -> program type, from the attach_… and load_func calls of the tool."""
    result: dict[str, str] = {}
    for node in ast.walk(tool.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        method = node.func.attr
        if method == "load_func":
            kind = _load_func_type(tool, node)
            name = _text(tool, node.args[0]) if node.args else None
        elif method in METHODS:
            kind = METHODS[method].type
            given = dict(zip(METHODS[method].parameters, node.args, strict=False))
            given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
            name = _text(tool, given["fn_name"]) if "fn_name" in given else None
        else:
            continue
        if name and kind:
            result[name] = kind
    return result


def _load_func_type(tool: Evaluator, node: ast.Call) -> str | None:
    """The type in load_func("name", BPF.XDP)."""
    given = [*node.args[1:2], *(k.value for k in node.keywords if k.arg == "prog_type")]
    name = (_text(tool, given[0]) or "") if given else ""
    kind = name.removeprefix("BPF.").lower()
    return kind if kind in types.programs() else None


def _text(tool: Evaluator, node: ast.expr) -> str | None:
    try:
        value = tool.value(node, tool.env)
    except UnknownValue:
        return None
    return value.text if isinstance(value, Tracked) else None
