"""Turns a rule's [[fix]] entries into Fix values: edits where the user's text is at hand, an example otherwise."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

from bpfdoctor.catalogue import FixSpec, Rule
from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.explain import fill
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.model.diagnosis import Edit, Fix, Safety


def suggest(rule: Rule, context: Context, facts: Facts | None, names: Mapping[str, Any]) -> tuple[Fix, ...]:
    """One Fix per [[fix]] that has something to show, in the rule's order; never tried yet."""
    return tuple(fix for spec in rule.fixes if (fix := _fix(spec, context, facts, names)))


def _fix(spec: FixSpec, context: Context, facts: Facts | None, names: Mapping[str, Any]) -> Fix | None:
    edits = _edits(spec, context, facts, names)
    example = tuple(fill(spec.example, names).splitlines())
    title = fill(spec.title, names)
    if not title or not (edits or example):
        return None
    return Fix(
        title=title,
        why=fill(spec.why, names),
        safety=Safety(spec.safety),
        edits=edits,
        diff="".join(_diffs(edits, context)),
        example=() if edits else example,
    )


def _edits(
    spec: FixSpec, context: Context, facts: Facts | None, names: Mapping[str, Any]
) -> tuple[Edit, ...]:
    if not spec.use or not context.raw.files:
        return ()
    fixer = import_module(f"bpfdoctor.fixes.{spec.use}")
    edits: tuple[Edit, ...] | None = fixer.edits(context, facts, fill(spec.code, names))
    return edits or ()


def apply(text: str, edits: Iterable[Edit]) -> str:
    """`text` with the edits of one file carried out, last line first so that line numbers stay right."""
    lines = text.splitlines(keepends=True)
    ending = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
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
