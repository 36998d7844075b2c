"""Turns a rule's [[fix]] entries into Fix values: edits where the text is at hand, else an example."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.explain import Writer, environment
from bpfdoctor.catalogue import FixSpec, Rule
from bpfdoctor.fixes import own_words
from bpfdoctor.model.diagnosis import Edit, Facts, Fix
from bpfdoctor.pattern import later

if TYPE_CHECKING:
    from bpfdoctor.fixes.plan import Plan

_LONE_BRACE = later(r"(?<!\{)\{(?!\{)|(?<!\})\}(?!\})")
_LEVEL = "    "  # one level of indentation in a rule's code


def suggest(
    specs: Iterable[FixSpec], context: Context, facts: Facts | None, writer: Writer
) -> tuple[Fix, ...]:
    """One Fix for each [[fix]], in their order, never tried yet; none of what `check` has just done."""
    found = (
        (spec, _fix(spec, context, facts, writer))
        for spec in specs
        if not own_words.is_done_already(spec.example.splitlines(), context)
    )
    return tuple(fix for spec, fix in found if fix.edits or not spec.only_placed)


def _fix(spec: FixSpec, context: Context, facts: Facts | None, writer: Writer) -> Fix:
    where = f"[[fix]] {spec.name}"

    def code(plan: Plan) -> str:
        return writer.code(f"{where}: code", spec.code, plan.values)

    ways = [
        tuple(edits(plans, code, context.source.text, partial(_escaped, context)))
        for plans in _ways(spec, context, facts)
    ]
    changes, *others = dict.fromkeys(way for way in ways if way) or ((),)
    example = () if changes else writer.code(f"{where}: example", spec.example, {"f": facts}).splitlines()
    return Fix(
        title=writer.sentence(f"{where}: title", spec.title),
        why=writer.sentence(f"{where}: why", spec.why),
        safety=spec.safety,
        edits=changes,
        instead=tuple(others),
        example=tuple(example) if own_words.is_shown(example, context) else (),
    )


def _escaped(context: Context, file: str, text: str) -> str:
    """New C text for a Python tool that fills its program with str.format or an f-string: braces are doubled.

    What was copied from the tool has them doubled already.
    """
    c = context.source.c(file) if file.endswith(".py") else None
    bodies = [c.line(each.body.line)[each.body.column - 1 :] for each in c.functions] if c is not None else []
    return _LONE_BRACE.sub(lambda brace: brace[0] * 2, text) if any(b[:2] == "{{" for b in bodies) else text


def _ways(spec: FixSpec, context: Context, facts: Facts | None) -> Iterator[tuple[Plan, ...]]:
    """What a fixer would change: one way, or several, the likeliest first."""
    if not spec.use or not context.raw.files:
        return
    module = import_module(f"bpfdoctor.fixes.{spec.use}")
    if hasattr(module, "ways"):
        yield from module.ways(context, facts)
    else:
        yield module.plan(context, facts)


def edits(
    plans: Iterable[Plan],
    code: Callable[[Plan], str],
    text_of: Callable[[str], str | None],
    escape: Callable[[str, str], str] = lambda file, text: text,
) -> Iterator[Edit]:
    """The plans as edits of whole lines; those that change parts of the same lines become one.

    `code` gives the filled code of a plan that has no text of its own, `text_of` the text of a file, `escape`
    new text as it is written in a file.
    """
    parts: dict[str, list[tuple[Plan, str]]] = {}
    for plan in plans:
        if plan.column is not None:
            text = plan.text if plan.text is not None else _on_one_line(code(plan), plan)
            parts.setdefault(plan.file, []).append((plan, escape(plan.file, text)))
            continue
        lines = plan.lines if plan.lines is not None else tuple(_indented(code(plan), plan))
        if lines or plan.lines is not None:
            yield Edit(plan.file, plan.first, plan.last, tuple(escape(plan.file, line) for line in lines))
    for file, changes in parts.items():
        if (whole := text_of(file)) is not None:
            yield from _merged(file, whole.splitlines(), changes)


def _on_one_line(code: str, plan: Plan) -> str:
    return plan.indent + " ".join(line.strip() for line in code.splitlines() if line.strip()) + plan.after


def _merged(file: str, lines: list[str], changes: list[tuple[Plan, str]]) -> Iterator[Edit]:
    """One edit for each run of lines that changes touch."""
    changes.sort(key=lambda change: (change[0].first, change[0].column or 0, change[0].end_column))
    at = 0
    while at < len(changes):
        first, last = changes[at][0].first, changes[at][0].last
        stop = at + 1
        while stop < len(changes) and changes[stop][0].first <= last:
            last = max(last, changes[stop][0].last)
            stop += 1
        new = list(lines[first - 1 : last])
        for plan, text in reversed(changes[at:stop]):
            here, end = plan.first - first, plan.last - first
            joined = new[here][: (plan.column or 1) - 1] + text + new[end][plan.end_column - 1 :]
            new[here : end + 1] = joined.split("\n")
        yield Edit(file, first, last, tuple(new))
        at = stop


def mistakes(rules: Iterable[Rule]) -> Iterator[str]:
    """A sentence for each [[fix]] whose code speaks of a name that its fixer does not fill in."""
    from jinja2 import TemplateSyntaxError
    from jinja2.meta import find_undeclared_variables

    for rule in rules:
        for fix in rule.fixes:
            where = f"rules/{rule.topic}/{rule.name}.md: [[fix]] {fix.name}: code"
            try:
                used = find_undeclared_variables(environment().parse(fix.code))
            except TemplateSyntaxError as error:
                yield f"{where}: it is not jinja2: {error.message}"
                continue
            for name in sorted(used - (names_of(fix.use) if fix.use else set())):
                yield f"{where}: {fix.use or 'no fixer'} fills in no {name}"


def names_of(fixer: str) -> frozenset[str]:
    """The names that the plans of `fixer` fill in, for the rules' texts: read off the fixer's own code."""
    import ast
    import inspect

    modules = (import_module(f"bpfdoctor.fixes.{name}") for name in (fixer, "plan"))
    trees = (ast.parse(inspect.getsource(module)) for module in modules)
    keys = (
        key for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys
    )
    return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))


def _indented(code: str, plan: Plan) -> Iterable[str]:
    for line in code.splitlines():
        text = line.lstrip(" ")
        level = (len(line) - len(text)) // len(_LEVEL)
        yield plan.indent + plan.unit * level + text if text else ""
