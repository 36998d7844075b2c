"""How many small mistakes in our code the tests notice: mutmut, on a sample of its mutants.

    make mutate OF=trace SAMPLE=60 SEED=1
    python -m scripts.mutate trace --sample 60 --seed 1      the same; without --sample: every mutant

mutmut changes a line of one package at a time and runs the tests that reach the function, the quickest first,
until one fails: the package's own, and the stored answers of 40 programs that reach it, drawn with the seed.
(All of them take half a minute a survivor. A mutant that only another program would notice counts as alive.)
The sample is drawn from all of the package's mutants with the seed. What survives is printed, but for what
tests/mutants.txt explains: the printed line, two spaces, `# ` and why no test can tell it from the code.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
EXPLAINED = HERE / "tests" / "mutants.txt"
PACKAGES = ("machine", "trace", "analysis", "catalogue", "fixes", "log")
# Every stored answer comes through all of these packages; a package's own tests look closer.
_TESTS = "tests/corpus/test_answers.py"
_MOST_ANSWERS = 40  # for one function
_LINKED = ("corpus", "rules", "grammars", "scripts", "docs", "README.md", "Makefile")
_CONFIG = """\
[mutmut]
source_paths=bpfdoctor
only_mutate=bpfdoctor/{package}/*
use_setproctitle=False
pytest_add_cli_args=
    -m
    not slow and not vm
    --hypothesis-seed=1
pytest_add_cli_args_test_selection=
{tests}
"""
# Exit codes as mutmut stores them. Source: mutmut/stats.py.
_LIVES = ("survived", "no test", "not run")
_KINDS: dict[int | None, str] = {
    None: "not run",
    **dict.fromkeys((1, 3, 37), "killed"),
    **dict.fromkeys((36, 24, -24, 152, 255), "timed out"),
    **dict.fromkeys((5, 33), "no test"),
    0: "survived",
}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the function, the line as it is, the line as it would be."""

    function: str  # machine.number.bounds
    line: str
    changed: str

    def __str__(self) -> str:
        return f"{self.function}: {self.line}  ->  {self.changed}"


def folder_for(package: str) -> Path:
    """A folder in which mutmut finds the checkout's code and tests, and puts its own beside them."""
    where = HERE / ".mutants" / package
    shutil.rmtree(where, ignore_errors=True)
    mutated = where / "mutants"
    mutated.mkdir(parents=True)
    for name in ("bpfdoctor", "tests", "pyproject.toml"):
        (where / name).symlink_to(HERE / name)
    for name in _LINKED:
        (mutated / name).symlink_to(HERE / name)
    own = f"tests/unit/{package}"
    tests = [own, _TESTS] if (HERE / own).is_dir() else [_TESTS]
    (where / "setup.cfg").write_text(
        _CONFIG.format(package=package, tests="".join(f"    {test}\n" for test in tests))
    )
    return where


def mutmut(where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # A cache of its own: what a mutant writes there is for nobody else.
    environment = os.environ | {"XDG_CACHE_HOME": str(where / "cache"), "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)


def choose_answers(where: Path, seed: int) -> None:
    """Leaves `_MOST_ANSWERS` of the stored answers that reach a function in mutmut's list of its tests."""
    path = where / "mutants" / "mutmut-stats.json"
    stats = json.loads(path.read_text())
    for name, tests in stats["tests_by_mangled_function_name"].items():
        answers = sorted(test for test in tests if test.startswith(_TESTS))
        drawn = random.Random(f"{seed} {name}").sample(answers, min(_MOST_ANSWERS, len(answers)))  # noqa: S311
        tests[:] = sorted(set(tests) - set(answers)) + drawn
    path.write_text(json.dumps(stats))


def outcomes(where: Path, package: str) -> dict[str, int | None]:
    """Every mutant that mutmut made, with its exit code."""
    found: dict[str, int | None] = {}
    for path in sorted((where / "mutants" / "bpfdoctor" / package).rglob("*.meta")):
        found |= json.loads(path.read_text())["exit_code_by_key"]
    return found


def described(where: Path, name: str) -> Mutant:
    """What a mutant changes, from the diff that mutmut shows."""
    shown = mutmut(where, "show", name).stdout.splitlines()
    old = [line[1:].strip() for line in shown if line.startswith("-") and not line.startswith("---")]
    new = [line[1:].strip() for line in shown if line.startswith("+") and not line.startswith("+++")]
    return Mutant(function(name), " ".join(old), " ".join(new))


def function(name: str) -> str:
    """bpfdoctor.trace.path.xǁTraceǁstep__mutmut_3 -> trace.path.Trace.step"""
    plain = re.sub(r"__mutmut_\d+$", "", name.removeprefix("bpfdoctor."))
    return re.sub(r"\.x_", ".", plain.replace(".xǁ", ".").replace("ǁ", "."))


def explained() -> dict[str, str]:
    """Mutants that no test can tell from the code, with the reason."""
    lines = EXPLAINED.read_text(encoding="utf-8").splitlines() if EXPLAINED.is_file() else []
    pairs = (line.rpartition("  # ") for line in lines if line and not line.startswith("#"))
    return {mutant: why for mutant, _, why in pairs}


def run(package: str, size: int | None, seed: int) -> Iterator[str]:
    where = folder_for(package)
    begun = mutmut(
        where, "run", "--max-children", "1", "nothing yet"
    )  # makes the mutants, and runs the tests
    every = sorted(outcomes(where, package))
    if "nothing matches" not in begun.stdout + begun.stderr or not every:
        raise SystemExit(f"mutmut did not get through the tests:\n{(begun.stdout + begun.stderr)[-3000:]}")
    choose_answers(where, seed)
    names = sorted(random.Random(seed).sample(every, min(size or len(every), len(every))))  # noqa: S311
    yield f"{package}: {len(names)} of {len(every)} mutants, seed {seed}"
    children = str(max(1, len(os.sched_getaffinity(0)) // 2))
    mutmut(where, "run", "--max-children", children, *names)
    said = outcomes(where, package)
    counts = Counter(_KINDS.get(said[name], "crashed") for name in names)
    known = explained()
    for name in names:
        if (kind := _KINDS.get(said[name])) in _LIVES:
            mutant = described(where, name)
            counts["explained"] += str(mutant) in known
            if str(mutant) not in known:
                yield f"  {kind:9} {mutant}"
    noticed = counts["killed"] + counts["timed out"] + counts["crashed"]
    told = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    yield f"{package}: {100 * noticed / len(names):.1f} % noticed ({told})"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"{', '.join(PACKAGES)}; none: all")
    options.add_argument("--sample", type=int)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    if unknown := set(chosen.packages) - set(PACKAGES):
        options.error(f"there is no package {min(unknown)}; there are {', '.join(PACKAGES)}")
    for package in chosen.packages or PACKAGES:
        for line in run(package, chosen.sample, chosen.seed):
            print(line, flush=True)


if __name__ == "__main__":
    main()
