"""Gathers what the paste page runs: the modules that a pasted log can reach, the rules compiled, and jinja2.

Which modules these are is worked out from imports: those of `bpfdoctor.in_browser`, and of what it imports by
name (the collectors and fixers that rules name, the renderers).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import grimp
from rich._unicode_data._versions import VERSIONS

from bpfdoctor import catalogue, render
from bpfdoctor.in_browser import FORMATS
from bpfdoctor.render.environment import SCRIPTS
from hatch_build import compiled_data

_ENTRY = "bpfdoctor.in_browser"
_NEVER = ("capture", "cli", "experiments", "forked", "lab", "preflight", "processes")
_BROWSER = Path(__file__).parent / "browser"
_WIDTHS = f"_unicode_data/unicode{VERSIONS[-1].replace('.', '-')}.py"
# Of jinja2 not what only others' programs ask for; of rich how wide a letter is drawn, in the newest Unicode.
_OF_OTHERS = {
    "jinja2": ("*.py", "!ext.py", "!meta.py", "!nativetypes.py", "!sandbox.py"),
    "markupsafe": ("*.py",),
    "rich": ("__init__.py", "_extension.py", "cells.py", "_unicode_data/_*.py", _WIDTHS),
}
# The pages are the site's own; topics and lark are for the terminal.
_UNUSED_DATA = ("pages.jsonl", "topics.jsonl")


def gather(folder: Path, root: Path) -> None:
    """Puts the modules and data into `folder`, laid out as they are imported."""
    for module in sorted(modules()):
        _copy(_file(module), folder, root)
    for table in (root / "bpfdoctor" / "kernel").glob("*.json"):
        _copy(table, folder, root)
    for script in SCRIPTS:  # a saved answer steps through its paths by itself
        _copy(root / "bpfdoctor" / "render" / "templates" / script, folder, root)
    compiled = folder / "bpfdoctor" / "_data" / "compiled"
    compiled.mkdir(parents=True)
    for name, data in compiled_data(root).items():
        if name not in _UNUSED_DATA:
            (compiled / name).write_bytes(data)
    for module in ("tree_sitter", "tree_sitter_c"):
        _copy(_BROWSER / f"{module}.py", folder, _BROWSER)
    for package, patterns in _OF_OTHERS.items():
        _copy_package(package, patterns, folder)


def modules() -> frozenset[str]:
    """What may be imported while a log is answered. Exits when that could start a process."""
    graph = grimp.build_graph("bpfdoctor", cache_dir=None, exclude_type_checking_imports=True)
    found: set[str] = set()
    waiting = list(_roots())
    while waiting:
        module = waiting.pop()
        if module not in found:
            found.add(module)
            waiting += graph.find_modules_directly_imported_by(module)
            waiting += [module.rpartition(".")[0]] if "." in module else []
    if wrong := sorted(
        module for module in found if module.split(".")[1:2] and module.split(".")[1] in _NEVER
    ):
        raise SystemExit(f"{_ENTRY} imports what no browser can run: {', '.join(wrong)}")
    return frozenset(found)


def _roots() -> Iterator[str]:
    yield _ENTRY
    yield from map(render.module_of, FORMATS)
    for rule in catalogue.load().rules:
        if rule.evidence:
            yield f"bpfdoctor.analysis.collectors.{rule.evidence}"
        yield from (f"bpfdoctor.fixes.{fix.use}" for fix in rule.fixes if fix.use)


def _file(module: str) -> Path:
    spec = find_spec(module)
    assert spec and spec.origin
    return Path(spec.origin)


def _copy_package(name: str, patterns: Iterable[str], folder: Path) -> None:
    """Those of its files that fit a pattern, and none with a "!"."""
    found = _file(name).parent
    for path in sorted(set().union(*(found.glob(pattern) for pattern in patterns))):
        if f"!{path.name}" not in patterns:
            _copy(path, folder, found.parent)


def _copy(file: Path, folder: Path, root: Path) -> None:
    target = folder / file.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
