"""Checks a BCC Python tool: finds its program texts and how it attaches them, without running it."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

from bpfdoctor.capture import bcc, compile_db, python_tool
from bpfdoctor.capture.bcc_output import BccSource
from bpfdoctor.capture.cscan import functions
from bpfdoctor.capture.own_texts import read_source
from bpfdoctor.capture.python_tool import WAY_OUT, Tool, ToolProgram
from bpfdoctor.formats.c_text import code_only
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, RawReport, SourceFile, Verdict

_PRINTS_ITSELF = re.compile(r"""["']--ebpf["']""")  # an option that most of BCC's tools have
_USDT = re.compile(r"\bbpf_usdt_readarg(?:_p)?\s*\(\s*(\d{1,2})\b")


def load(template: RawReport, path: Path, options: CaptureOptions) -> list[RawReport]:
    """Load every program text of the tool at `path`. Problem when none can be worked out."""
    source = read_source(path, options)
    tool = python_tool.follow(source.text, path)
    # Tools ask an empty BPF(text="") about the kernel before they load the real program.
    known = [each for each in tool.programs if each.text and each.text.strip()]
    unknown = [each for each in tool.programs if each.unknown]
    known = known or ([] if unknown else list(tool.programs))
    if not known:
        if not unknown:
            raise Problem(f"{path} has no BPF(text=…) or BPF(src_file=…).", WAY_OUT)
        raise Problem(
            f"The program text in {path} {unknown[0].unknown}; bpfdoctor does not run it.",
            _itself(path) if _PRINTS_ITSELF.search(source.text) else WAY_OUT,
        )
    assumed = [f"Taken for granted in {path}, {assumption}." for assumption in tool.assumptions]
    how = "The tool was not run: its program text was worked out as if it were started without arguments."
    notes = (*template.notes, how, *assumed)
    reports: list[RawReport] = []
    failed: list[RawReport] = []
    failure: Problem | None = None
    for each in known:
        start, program = _program(each, source, replace(template, notes=notes), tool, path)
        try:
            reports += bcc.load(start, program, options)
        except Problem as error:
            failure = error  # another BPF(…) of the tool may have what this one lacks
            failed.append(replace(start, verdict=Verdict.NO_ANSWER, no_answer=error.sentence))
    if failure and not reports:
        raise Problem(failure.sentence, *failure.ways_out, *assumed)
    if not options.programs:  # else the programs that were asked for have been looked at
        start = replace(template, files=(source,), notes=notes, verdict=Verdict.NO_ANSWER)
        failed += [
            replace(start, no_answer=f"the BPF(…) on line {each.line} {each.unknown}") for each in unknown
        ]
    return [*reports, *failed]


def _itself(path: Path) -> str:
    tool = path if path.is_absolute() else f"./{path}"
    return (
        f"Let it print the text, with the arguments that it is used with: {shlex.quote(str(tool))} --ebpf … "
        "> prog.c; then bpfdoctor check prog.c --flavour bcc"
    )


def _program(
    each: ToolProgram, source: SourceFile, template: RawReport, tool: Tool, path: Path
) -> tuple[RawReport, BccSource]:
    """What BCC is given for one BPF(…)."""
    assert each.text is not None
    prelude, usdt_note = usdt_stand_ins(each.text)
    user_file, user_text = each.file
    program = BccSource(
        each.text,
        user_file,
        each.lines,
        tool.attached,
        tuple(compile_db.kept(list(each.cflags), os.getcwd(), path.parent)),
        str(path.parent),
        prelude,
        user_text,
    )
    files = (SourceFile(user_file, user_text), *([source] if user_file != source.path else []))
    return replace(template, files=files, notes=(*template.notes, *usdt_note)), program


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
        "The functions for bpf_usdt_readarg are stand-ins that read a register: BCC makes the real ones "
        "from the binary that is traced."
    )
    return "\n".join(lines) + "\n", [note]
