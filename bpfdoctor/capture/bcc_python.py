"""Checks a BCC Python tool: finds its program texts and how it attaches them, without running it."""

from __future__ import annotations

import ast
import os
import re
from dataclasses import replace
from pathlib import Path

from bpfdoctor.capture import bcc, compile_db
from bpfdoctor.capture.bcc_output import BccSource
from bpfdoctor.capture.clang import read_source
from bpfdoctor.capture.cscan import functions
from bpfdoctor.capture.python_eval import Evaluator
from bpfdoctor.capture.python_values import Unknown
from bpfdoctor.capture.tracked import Tracked
from bpfdoctor.formats.c_text import code_only
from bpfdoctor.kernel import types
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, RawReport, SourceFile, Verdict

#: method that attaches -> program type
_ATTACH = {
    "attach_kprobe": "kprobe",
    "attach_kretprobe": "kprobe",
    "attach_uprobe": "kprobe",
    "attach_uretprobe": "kprobe",
    "enable_probe": "kprobe",
    "enable_probe_or_bail": "kprobe",
    "attach_tracepoint": "tracepoint",
    "attach_raw_tracepoint": "raw_tracepoint",
    "attach_perf_event": "perf_event",
    "attach_perf_event_raw": "perf_event",
}
_POSITION = {"enable_probe": 1, "enable_probe_or_bail": 1}  # of fn_name, where it is not usually named
_USDT = re.compile(r"\bbpf_usdt_readarg(?:_p)?\s*\(\s*(\d{1,2})\b")
_WAY_OUT = "Save the C text into a file of its own and check that: bpfdoctor check prog.c --flavour bcc"


def load(template: RawReport, path: Path, options: CaptureOptions) -> list[RawReport]:
    """Load every program text of the tool at `path`. Problem when none can be worked out."""
    source = read_source(path)
    tool = _follow(source.text, path)
    known = [found for found in tool.calls if found.text is not None]
    problem = next((found.problem for found in tool.calls if found.problem), None)
    # Tools ask an empty BPF(text="") about the kernel before they load the real program.
    with_code = [found for found in known if found.text is not None and found.text.text.strip()]
    known = with_code or ([] if problem else known)
    if not known:
        if problem is None:
            raise Problem(f"{path} has no BPF(text=…) or BPF(src_file=…).", _WAY_OUT)
        raise Problem(
            f"The program text in {path} depends on {problem.reason} (line {problem.line}), which is only "
            "known when the tool runs; bpfdoctor does not run it.",
            _WAY_OUT,
        )
    attached = _attachments(tool)
    assumed = [f"Taken for granted in {path}, {assumption}." for assumption in tool.assumptions[:3]]
    notes = [*_notes(tool), *assumed]
    reports: list[RawReport] = []
    failed: list[RawReport] = []
    failure: Problem | None = None
    for found in known:
        assert found.text is not None
        number, lines = found.text.line_map()
        user_file, user_text = tool.files[number]
        prelude, usdt_note = usdt_stand_ins(found.text.text)
        program = BccSource(
            found.text.text,
            user_file,
            lines,
            attached,
            tuple(compile_db.kept(list(found.cflags), os.getcwd(), path.parent)),
            str(path.parent),
            prelude,
            user_text,
        )
        files = (SourceFile(user_file, user_text), *([source] if number else []))
        start = replace(template, files=files, notes=(*template.notes, *notes, *usdt_note))
        try:
            reports += bcc.load(start, program, options)
        except Problem as error:
            failure = error  # another BPF(…) of the tool may have what this one lacks
            failed.append(replace(start, verdict=Verdict.NO_ANSWER, no_answer=error.sentence))
    if failure and not reports:
        raise Problem(failure.sentence, *failure.ways_out, *assumed)
    return [*reports, *failed]


def _follow(text: str, path: Path) -> Evaluator:
    """The tool, followed to its end."""
    try:
        tool = Evaluator(text, path)
        tool.run()
    except SyntaxError as error:
        raise Problem(
            f"{path} is not Python 3: line {error.lineno}: {error.msg}.",
            "If it is a Python 2 tool, save its C text into a file and check that: --flavour bcc.",
        ) from None
    except (RecursionError, ValueError, MemoryError):
        raise Problem(f"{path} cannot be read as Python.", _WAY_OUT) from None
    return tool


def _notes(tool: Evaluator) -> list[str]:
    """How the tool was read, and which of its programs were not."""
    notes = ["The tool was not run: its program text was worked out as if it were started without arguments."]
    for found in tool.calls:
        if found.problem:
            notes.append(
                f"Not checked: the BPF(…) on line {found.line}; it depends on {found.problem.reason}."
            )
    return notes


def _attachments(tool: Evaluator) -> dict[str, str]:
    """Function -> program type, from the attach_… and load_func calls of the tool."""
    result: dict[str, str] = {}
    for node in ast.walk(tool.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        method = node.func.attr
        if method == "load_func":
            kind = _load_func_type(tool, node)
            name = _text(tool, node.args[0]) if node.args else None
        elif method in _ATTACH:
            kind = _ATTACH[method]
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            place = _POSITION.get(method, 99)
            expression = given.get("fn_name") or (node.args[place] if len(node.args) > place else None)
            name = _text(tool, expression) if expression else None
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
    except Unknown:
        return None
    return value.text if isinstance(value, Tracked) else None


def usdt_stand_ins(text: str) -> tuple[str, list[str]]:
    """Stand-ins for the functions that BCC makes from a traced binary to read a USDT probe's arguments."""
    code = code_only(text)
    wanted = sorted(
        {
            (function.name, int(number))
            for function in functions(code)
            for number in _USDT.findall(code, function.start, function.end)
        }
    )
    if not wanted:
        return "", []
    lines = ["#include <uapi/linux/ptrace.h>"]
    for name, number in wanted:
        sizes = " ".join(
            f"if (len == {size}) *(u{size * 8} *)dest = PT_REGS_PARM1(ctx);" for size in (1, 2, 4, 8)
        )
        lines.append(
            f"static __always_inline int _bpf_readarg_{name}_{number}"
            f"(struct pt_regs *ctx, void *dest, size_t len) {{ {sizes} return 0; }}"
        )
    note = (
        "The functions behind bpf_usdt_readarg are stand-ins that read a register: BCC makes the real ones "
        "from the binary that is traced."
    )
    return "\n".join(lines) + "\n", [note]
