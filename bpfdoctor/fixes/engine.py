"""Turns a rule's [[fix]] entries into Fix values: edits where the text is at hand, else an example."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from bpfdoctor.catalogue import FixSpec, Rule
from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.explain import fill
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.fixes.plan import Plan
from bpfdoctor.model.diagnosis import Edit, Fix

_LEVEL = "    "  # one level of indentation in a rule's code


def suggest(rule: Rule, context: Context, facts: Facts | None, names: Mapping[str, Any]) -> tuple[Fix, ...]:
    """One Fix per [[fix]] that has something to show, in the rule's order; never tried yet."""
    return tuple(fix for spec in rule.fixes if (fix := _fix(spec, context, facts, names)))


def _fix(spec: FixSpec, context: Context, facts: Facts | None, names: Mapping[str, Any]) -> Fix | None:
    plans = _plans(spec, context, facts)
    names = {**names, **(plans[0].values if plans else {})}
    edits = tuple(edit for plan in plans if (edit := _edit(plan, spec, names)))
    example = tuple(fill(spec.example, names).splitlines())
    title = fill(spec.title, names)
    if not title or not (edits or example):
        return None
    return Fix(
        title=title,
        why=fill(spec.why, names),
        safety=spec.safety,
        edits=edits,
        diff="".join(_diffs(edits, context)),
        example=() if edits else example,
    )


def _plans(spec: FixSpec, context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    if not spec.use or not context.raw.files:
        return ()
    plans: tuple[Plan, ...] = import_module(f"bpfdoctor.fixes.{spec.use}").plan(context, facts)
    return plans


def _edit(plan: Plan, spec: FixSpec, names: Mapping[str, Any]) -> Edit | None:
    lines = plan.lines or tuple(_indented(fill(spec.code, {**names, **plan.values}), plan))
    return Edit(plan.file, plan.first, plan.last, lines) if lines else None


def _indented(code: str, plan: Plan) -> Iterable[str]:
    for line in code.splitlines():
        text = line.lstrip(" ")
        level = (len(line) - len(text)) // len(_LEVEL)
        yield plan.indent + plan.unit * level + text if text else ""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """`text` with the edits of one file carried out, last line first so that line numbers stay right."""
    lines = text.splitlines(keepends=True)
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += ending
    for edit in sorted(edits, key=lambda e: (e.first, e.last), reverse=True):
        lines[edit.first - 1 : edit.last] = [line + ending for line in edit.lines]
    return "".join(lines)


def _diffs(edits: tuple[Edit, ...], context: Context) -> Iterable[str]:
    for file in dict.fromkeys(edit.file for edit in edits):
        old = context.source.text(file)
        if old is None:
            continue
        new = apply(old, [edit for edit in edits if edit.file == file])
        name = file.lstrip("/")
        yield from difflib.unified_diff(
            old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{name}", f"b/{name}", n=3
        )
