"""Runs action.yml's steps here, as GitHub's runner does: `python -m scripts.run_action FOLDER paths=src`.

Each `run:` is a file for `bash --noprofile --norc -eo pipefail`, with the files and variables that a runner
gives it; inputs and outputs go through the same expressions. What a step `uses:` is somebody else's: it is
printed, and done by nobody. The steps install packages, as on a runner: for a machine of one's own, or a
clean root.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.S)
_TOKEN = re.compile(r"\s*(?:('(?:[^']|'')*')|([A-Za-z_][\w.-]*)|(==|!=|&&|\|\||[!()]))")


@dataclass
class Step:
    """What became of a step: `outcome` is success, failure or skipped."""

    name: str
    outcome: str
    uses: str = ""
    given: dict[str, str] = field(default_factory=dict)  # `with:` of what it uses
    printed: str = ""


@dataclass
class Run:
    """What became of the action."""

    steps: list[Step]
    outputs: dict[str, str]
    summary: str

    @property
    def succeeded(self) -> bool:
        return all(step.outcome != "failure" for step in self.steps)

    def step(self, name: str) -> Step:
        return next(step for step in self.steps if step.name == name)


class Expression:
    """The part of GitHub's language that action.yml uses. An unknown name is an error: on GitHub it is ''."""

    def __init__(self, names: Mapping[str, str], failed: bool) -> None:
        self.names = names
        self.states = {"success": not failed, "failure": failed, "always": True, "cancelled": False}

    def filled(self, text: str) -> str:
        """The text with the values of its expressions."""
        return _EXPRESSION.sub(lambda found: str(self.value(found[1])), text)

    def holds(self, condition: str) -> bool:
        """Of an `if:`; without a state it holds for success() alone."""
        whole = _EXPRESSION.fullmatch(condition.strip())
        condition = whole[1] if whole else condition
        if not re.search(r"\b(success|failure|always|cancelled)\(\)", condition):
            condition = f"success() && ({condition})"
        return bool(self.value(condition))

    def value(self, text: str) -> Any:
        tokens: list[str] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if not found:
                raise ValueError(f"not understood: {text[at:]}")
            tokens.append(found[0].strip())
            at = found.end()
        value = self._either(tokens)
        if tokens:
            raise ValueError(f"not understood: {' '.join(tokens)}")
        return value

    def _either(self, tokens: list[str]) -> Any:
        value = self._both(tokens)
        while tokens[:1] == ["||"]:
            tokens.pop(0)
            other = self._both(tokens)
            value = value or other
        return value

    def _both(self, tokens: list[str]) -> Any:
        value = self._compared(tokens)
        while tokens[:1] == ["&&"]:
            tokens.pop(0)
            other = self._compared(tokens)
            value = value and other
        return value

    def _compared(self, tokens: list[str]) -> Any:
        value = self._one(tokens)
        if tokens[:1] in (["=="], ["!="]):
            same = tokens.pop(0) == "=="
            value = (value == self._one(tokens)) is same
        return value

    def _one(self, tokens: list[str]) -> Any:
        first = tokens.pop(0)
        if first == "!":
            return not self._one(tokens)
        if first == "(":
            value = self._either(tokens)
            tokens.remove(")")
            return value
        if first[0] == "'":
            return first[1:-1].replace("''", "'")
        if tokens[:2] == ["(", ")"]:
            del tokens[:2]
            return self.states[first]
        if first not in self.names:
            raise ValueError(f"there is no {first}")
        return self.names[first]


def run(
    workspace: Path,
    inputs: Mapping[str, str],
    temp: Path,
    environment: Mapping[str, str],
    only: Callable[[str], bool] = lambda _: True,
    show: Callable[[str], None] = lambda _: None,
) -> Run:
    """Runs the action with these inputs in `workspace`, with `temp` as the runner's own folder.

    Steps whose name `only` does not take count as done.
    """
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    if unknown := inputs.keys() - action["inputs"].keys():
        raise ValueError(f"there is no input {unknown.pop()}")
    names = {
        f"inputs.{name}": inputs.get(name, each.get("default", "")) for name, each in action["inputs"].items()
    }
    names["github.action_path"] = str(ROOT)
    summary = temp / "summary.md"
    summary.write_text("")
    steps: list[Step] = []
    for spec in action["runs"]["steps"]:
        names |= dict.fromkeys(_outputs_of(spec.get("id"), str(action)), "")
        ask = Expression(names, any(step.outcome == "failure" for step in steps))
        name = spec["name"]
        if "if" in spec and not ask.holds(spec["if"]):
            steps.append(Step(name, "skipped"))
            continue
        if "if" not in spec and ask.states["failure"]:
            steps.append(Step(name, "skipped"))
            continue
        show(f"## {name}")
        if "uses" in spec:
            given = {key: ask.filled(str(value)) for key, value in spec["with"].items()}
            steps.append(Step(name, "success", spec["uses"], given))
            show(f"(uses {spec['uses']}: {given})")
            continue
        if not only(name):
            steps.append(Step(name, "success"))
            continue
        own = {key: ask.filled(str(value)) for key, value in spec.get("env", {}).items()}
        told = temp / "output"
        told.write_text("")
        runner = {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_OUTPUT": str(told),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "you/it",
            "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
            "RUNNER_TEMP": str(temp),
        }
        script = temp / "script.sh"
        script.write_text(spec["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=workspace / ask.filled(spec.get("working-directory", ".")),
            env={**environment, **runner, **own},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        printed = done.stdout.decode(errors="surrogateescape")
        show(printed)
        steps.append(Step(name, "failure" if done.returncode else "success", printed=printed))
        if "id" in spec:
            names |= {f"steps.{spec['id']}.outputs.{key}": value for key, value in _stored(told)}
    last = Expression(names, False)
    outputs = {name: last.filled(each["value"]) for name, each in action["outputs"].items()}
    return Run(steps, outputs, summary.read_text(encoding="utf-8"))


def _outputs_of(step: str | None, action: str) -> list[str]:
    """What the action asks of a step."""
    return re.findall(rf"steps\.{step}\.outputs\.[\w-]+", action) if step else []


def _stored(file: Path) -> list[tuple[str, str]]:
    """NAME=VALUE lines."""
    lines = file.read_text(encoding="utf-8").splitlines()
    if strange := [line for line in lines if not re.match(r"[\w-]+=", line)]:
        raise ValueError(f"no output: {strange[0]}")
    return [(name, value) for name, _, value in (line.partition("=") for line in lines)]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="a checkout: what the action works on")
    parser.add_argument("inputs", nargs="*", metavar="NAME=VALUE", help="inputs of the action")
    asked = parser.parse_args()
    inputs = dict(each.split("=", 1) for each in asked.inputs)
    with tempfile.TemporaryDirectory() as temp:
        done = run(
            asked.folder.resolve(), inputs, Path(temp), os.environ, show=lambda text: print(text, flush=True)
        )
        print(
            "## Outputs", *(f"{name}={value}" for name, value in done.outputs.items()), "## Summary", sep="\n"
        )
        print(done.summary)
    return 0 if done.succeeded else 1


if __name__ == "__main__":
    sys.exit(main())
