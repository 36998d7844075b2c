"""Registers that are read when they do not hold what their macro names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.preflight import Cause, Hook, HookKind
from bpfdoctor.preflight.lints.program_macro import WRAPPERS
from bpfdoctor.preflight.lints.text import ProgramText
from bpfdoctor.preflight.system import System

_BEGINS = (HookKind.KPROBE, HookKind.UPROBE)
_RETURNS = (HookKind.KRETPROBE, HookKind.URETPROBE)
_CONDITION = re.compile(r"\s*#\s*(?:if|el|endif)")
_ABOVE = 6  # lines above a function in which its section may be chosen
_READ = re.compile(r"\b(PT_REGS_(?:PARM(\d)|RC)(?:_CORE)?)\s*\(\s*(\w+)\s*\)")


def look(hook: Hook, text: ProgramText, system: System) -> Iterator[Cause]:
    """In the program's own function only: others may serve both moments."""
    del system
    function, c = text.start, text.c
    if hook.kind not in (*_BEGINS, *_RETURNS) or "offset" in hook.options or "address" in hook.options:
        return
    if hook.section is not None and hook.kind is HookKind.UPROBE and ":" not in hook.target:
        return  # its loader chooses the place; Go's functions are probed where they return
    lines = [c.line(line) for line in range(max(function.start - _ABOVE, 1), function.end + 1)]
    if any(_CONDITION.match(line) for line in lines):
        return  # which of the hooks, and of the reads, is compiled is not known here
    named = {"ctx", *(param.name for param in function.params[:1] if function.macro is None)}
    # ctx = (struct pt_regs *)PT_REGS_PARM1(ctx): the registers of a system call's caller.
    contexts = {name for name in named if not c.assignments(name, function.start, function.end)}
    for line in range(function.body.line, function.end + 1):
        for found in _READ.finditer(c.line(line)):
            macro, number, of = found.groups()
            if of not in contexts:
                continue
            start, end = found.span(1)
            at = Place(text.file, line, start + 1, end + 1, function.name, c.line(line))
            if hook.kind in _RETURNS and number:
                yield Cause(_RULE, {"macro": macro, "what": "no argument", "right": "PT_REGS_RC"}, at)
            elif hook.kind in _BEGINS and not number:
                yield Cause(_RULE, {"macro": macro, "what": "no result", "right": "PT_REGS_PARM1"}, at)
            elif hook.target.startswith(WRAPPERS) and number and number != "1":
                values = {"argument": found[0], "function": hook.target}
                yield Cause("system-call-arguments", values, at)


_RULE = "registers-of-other-moment"
