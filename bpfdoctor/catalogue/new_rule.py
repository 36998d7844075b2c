"""Starts a rule: its file with the message as a [[match]], its id, and a case to fill in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from bpfdoctor.catalogue.guard import IDS, TOPICS
from bpfdoctor.catalogue.head import is_rule_name
from bpfdoctor.model.problem import Problem

_VALUE = re.compile(r"\b[Rr](?P<reg>\d{1,2})\b|(?<![\w.])(?P<hex>0x[0-9a-fA-F]+)|(?<![\w.])(?P<int>-?\d+)\b")
_PAGE = """\
+++
id       = "{id}"
title    = "FILL IN: what is wrong, in one line without a full stop"
category = "FILL IN: one of Linux 7.3's seven, or ours; see docs/json.md"

[[match]]
lines = [
{lines}
]
examples = [{example}]

[always]
headline = "FILL IN: what to do about it"
wants    = "FILL IN: what the verifier wants"
has      = "FILL IN: what it has instead"
access   = "FILL IN: what the refused instruction does"

[[fix]]
title   = "FILL IN: the change, in one line"
why     = "FILL IN: why that is accepted."
example = \"\"\"
-FILL IN
+FILL IN
\"\"\"
+++
FILL IN: one sentence that says what the verifier wants.

## What the verifier wants
## Fails
{{{{ program("{name}/{case}/prog.bpf.c") }}}}

## Loads
{{{{ program("{name}/{case}/fixed.bpf.c") }}}}

## When this advice does not fit
## More
"""
_CASE = """\
origin = "ours"
flavour = "libbpf"

[verdict] # of prog.*, by kernel, or by capability set, or both
default = "refused"
"""
_PROGRAM = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* FILL IN: {what} */

char LICENSE[] SEC("license") = "GPL";
"""
FIRST_CASE = "first"


def start(root: Path, path: str, message: Sequence[str]) -> list[str]:
    """Writes the files below `root`, a checkout; returns their names. Raises Problem, overwrites nothing."""
    topic, _, name = path.rpartition("/")
    rule = root / "rules" / topic / f"{name}.md"
    if topic not in TOPICS.values() or not is_rule_name(name):
        raise Problem(
            f"{path} is not TOPIC/NAME: a name is lower case words with dashes.",
            f"Topics are {', '.join(TOPICS.values())}.",
        )
    if rule.exists():
        raise Problem(f"rules/{path}.md exists.")
    if not message:
        raise Problem("The log has no message of the verifier, a loader or the compiler.")
    ids = root / "rules" / IDS
    id_ = _next_id(ids.read_text(encoding="utf-8"), topic)
    case = root / "corpus" / "cases" / name / FIRST_CASE
    case.mkdir(parents=True, exist_ok=True)
    written = {
        rule: _PAGE.format(
            id=id_,
            name=name,
            case=FIRST_CASE,
            lines="\n".join(f"  {_quoted(line)}," for line in templates(message)),
            example=_quoted("\n".join(message)),
        ),
        case / "case.toml": _CASE,
        case / "prog.bpf.c": _PROGRAM.format(
            what=f"the program; the refused line ends `expect: {name}`, cause in `cause: …`"
        ),
        case / "fixed.bpf.c": _PROGRAM.format(what="the same program, mended"),
    }
    for file, text in written.items():
        file.write_text(text, encoding="utf-8")
    with ids.open("a", encoding="utf-8") as out:
        out.write(f"{id_}  {name}\n")
    return [str(file.relative_to(root)) for file in (*written, ids)]


def templates(message: Sequence[str]) -> list[str]:
    """The lines with registers and numbers as values: `R1 off=-8` -> `{reg:reg} off={n1:int}`."""
    seen = {"reg": 0, "n": 0}  # a name that is bound twice must have the same value both times

    def value(found: re.Match[str]) -> str:
        kind = found.lastgroup or ""
        stem = "reg" if kind == "reg" else "n"
        seen[stem] += 1
        return f"{{{'reg' if stem == 'reg' and seen[stem] == 1 else f'{stem}{seen[stem]}'}:{kind}}}"

    def one(line: str) -> str:
        parts = re.split(r"([{}\\])", line)  # what a template must escape
        return "".join(f"\\{part}" if part in ("{", "}", "\\") else _VALUE.sub(value, part) for part in parts)

    return [one(line) for line in message]


def _next_id(text: str, topic: str) -> str:
    digit = next(digit for digit, name in TOPICS.items() if name == topic)
    taken = {int(number) for number in re.findall(rf"^BD({digit}\d\d)\b", text, re.MULTILINE)}
    return f"BD{max(taken, default=int(digit) * 100) + 1}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
