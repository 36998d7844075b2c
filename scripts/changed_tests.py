"""Runs the tests of what changed: the quick answer while editing, before `make test` says it all.

    make test-changed                       against the commit that this branch left main at, and what is not
                                            committed yet
    python -m scripts.changed_tests --base HEAD~1 [--list] [pytest's options]

A test file is run when it changed, or when it uses a module that changed or that directly imports one: those
that wire everything together (the pipeline, the command line) are left out, or every test would run. A
collector, a fixer and a rule bring the stored answers of their programs.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import grimp

from bpfdoctor import catalogue
from bpfdoctor.catalogue import Rule
from scripts import causes

HERE = Path(__file__).resolve().parent.parent
ANSWERS = "tests/corpus/test_answers.py"
_ANSWER = ANSWERS + "::test_the_answer_is_the_one_that_was_looked_at[{}]"
_PIPELINE = "bpfdoctor.pipeline"
_WIRES = (_PIPELINE, *(f"bpfdoctor.{name}" for name in ("matrix", "other_kernels", "cli", "__main__")))
_MINUTES = ("tests/cli/test_mended_cases.py",)  # what takes them is left to `make test`, unless it changed
_MOST_ANSWERS = 120  # of the programs that a change of shared code concerns: every n-th
# What a folder's files are looked at by, whatever imports what.
_BY_FOLDER = {
    "rules/": ("tests/unit/catalogue/test_rules.py", "tests/unit/analysis/test_sentences.py"),
    "grammars/": (
        "tests/unit/log/test_line_grammars.py",
        "tests/unit/log/test_shape.py",
        "tests/unit/log/test_talk_grammars.py",
    ),
    "docs/": ("tests/cli/test_documents.py",),
    "README.md": ("tests/cli/test_documents.py",),
    "site/": ("tests/unit/scripts/test_site.py",),
    "corpus/messages.json": ("tests/unit/catalogue/test_messages.py",),
}


def changed_files(base: str | None) -> list[str]:
    """Paths from the root, of files that differ from `base` or are new; None: from where main was left."""
    if base is None:
        base = _git("merge-base", "HEAD", "main")[0] if _git("branch", "--list", "main") else "HEAD"
    return [*_git("diff", "--name-only", base), *_git("ls-files", "--others", "--exclude-standard")]


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=HERE, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def chosen_for(files: Sequence[str]) -> list[str]:
    """What to give to pytest, in order and each once."""
    modules = {module for file in files if (module := _module(file))}
    used = _near(modules)
    mirrored = tuple(f"tests/unit/{module.split('.')[1]}/" for module in modules if "." in module)
    found = []
    for path in sorted(files_of_tests()):
        name, uses = str(path.relative_to(HERE)), imports(path)
        # What a package is for is tested through the pipeline, beside what its modules are for.
        if name in _MINUTES:
            continue
        if uses & used or (name.startswith(mirrored) and _PIPELINE in uses):
            found.append(name)
    found += [file for file in files if Path(file).match("test_*.py") and (HERE / file).is_file()]
    found += [
        test
        for file in files
        for start, tests in _BY_FOLDER.items()
        if file.startswith(start)
        for test in tests
    ]
    asked = [rule.name for rule in catalogue.load().rules if _is_asked(rule, files, modules)]
    programs = [each for each in causes.corpus() if each.parent.name in asked or _is_among(each, files)]
    step = -(-len(programs) // _MOST_ANSWERS) or 1
    answers = [_ANSWER.format(causes.name(case)) for case in programs[::step]]
    return [*dict.fromkeys(test for test in found if test != ANSWERS or not answers), *answers]


def _module(file: str) -> str | None:
    """bpfdoctor/trace/path.py -> bpfdoctor.trace.path; None for what is no module."""
    if not file.endswith(".py") or not file.startswith(("bpfdoctor/", "tests/", "scripts/")):
        return None
    return file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


@cache
def _graph() -> grimp.ImportGraph:
    return grimp.build_graph("bpfdoctor", cache_dir=None)


def _near(modules: set[str]) -> set[str]:
    """The modules, and those that import one of them directly."""
    near = set(modules)
    for module in modules & _graph().modules:
        near |= _graph().find_modules_that_directly_import(module)
    # A helper of the tests stands for what it imports.
    helpers = {_module(str(path.relative_to(HERE))): path for path in (HERE / "tests").rglob("*.py")}
    near |= {name for name, path in helpers.items() if name and imports(path) & near}
    return {module for module in near if module in modules or not module.startswith(_WIRES)}


def files_of_tests() -> Iterator[Path]:
    return (HERE / "tests").rglob("test_*.py")


@cache
def imports(path: Path) -> frozenset[str]:
    """The modules of ours that a file of the tests imports."""
    package = (_module(str(path.relative_to(HERE))) or "").rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = (
                ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            )
            name = ".".join(filter(None, (base, node.module or "")))
            found |= {name, *(f"{name}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def _is_asked(rule: Rule, files: Sequence[str], modules: set[str]) -> bool:
    """Whether the rule's file changed, or a collector or fixer that it names uses what did."""
    named = [f"bpfdoctor.analysis.collectors.{rule.evidence}"] if rule.evidence else []
    named += [f"bpfdoctor.fixes.{fix.use}" for fix in rule.fixes if fix.use]
    return f"rules/{rule.topic}/{rule.name}.md" in files or any(_uses(name, modules) for name in named)


def _uses(name: str, modules: set[str]) -> bool:
    graph = _graph()
    return name in graph.modules and bool(modules & {name, *graph.find_upstream_modules(name)})


def _is_among(case: Path, files: Sequence[str]) -> bool:
    return any(file.startswith(f"corpus/cases/{causes.name(case)}/") for file in files)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--base")
    options.add_argument("--list", action="store_true", help="print what would be run")
    chosen, rest = options.parse_known_args()
    files = changed_files(chosen.base)
    tests = chosen_for(files)
    if chosen.list or not tests:
        print(*tests or [f"no test uses one of the {len(files)} files that changed"], sep="\n")
        return 0
    command = [sys.executable, "-m", "pytest", "-m", "not slow and not vm", *rest, *tests]
    return subprocess.run(command, cwd=HERE, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
