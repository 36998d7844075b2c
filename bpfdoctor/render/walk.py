"""The data of the stepping view, and the script that shows it (templates/stepping)."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from markupsafe import Markup

from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.walk import Held, How, Made, Spot, Walk
from bpfdoctor.pattern import later
from bpfdoctor.render.environment import SCRIPTS
from bpfdoctor.render.environment import script as module
from bpfdoctor.render.escape import one_line, visible
from bpfdoctor.render.words import plural

MOST_LETTERS = 4_000_000  # of all paths of a page; some twenty of the longest
_ROLES = ("value", "operand", "address")
_BEGIN = 'addEventListener("hashchange", stepThroughAll(document));\n'
_JOINT = later(r"^import .*;\n|^export (?=class |function |const )", re.MULTILINE)


class Listed(NamedTuple):
    """A path on a page. `data` is "" where there is no room for it."""

    path: str  # "the refused path"
    steps: str
    data: Markup


def listed(reports: Sequence[Report], told: Sequence[str]) -> list[list[Listed]]:
    """Each report's paths, with what is `told` of it; none of one that has no finding any more."""
    room = MOST_LETTERS
    all_walks: list[list[Listed]] = []
    for report, of in zip(reports, told, strict=True):
        walks: list[Listed] = []
        for walk in (report.walk, *report.more_walks):
            if walk is None or (walk.ending.how is How.REFUSED and not report.diagnoses):
                continue
            text = data(walk) if room > 0 else Markup("")
            room -= len(text)
            steps = plural(len(walk.steps), "step")
            walks.append(Listed(_path(walk, of), steps, text if room >= 0 else Markup("")))
        all_walks.append(walks)
    return all_walks


def _path(walk: Walk, of: str) -> str:
    path = "the refused path" if walk.ending.how is How.REFUSED else "a path that the verifier walked"
    return path + (f" of {walk.function}()" if walk.function else "") + (f": {of}" if of else "")


def data(walk: Walk) -> Markup:
    """JSON for a script element that is no program: nothing in it ends the element, or is a runner's command.

    Texts are indices of `texts`: most of what is known stays known from step to step.
    """
    text = json.dumps(_plain(walk), separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace("##", "#\\u0023"))  # noqa: S704 - this is the escaping


def _plain(walk: Walk) -> dict[str, object]:
    texts = _Texts()
    return {
        "steps": [
            {
                "insn": step.insn,
                "text": texts.of(step.text),
                "kind": step.kind,
                "frame": step.frame,
                "line": step.line,
                "target": step.target,
                "taken": step.taken,
                "reads": [texts.of(place) for place in step.reads],
                "changed": texts.held(step.changed),
                "printed": [[texts.of(shown), texts.of(meaning)] for shown, meaning in step.printed],
                "made": [texts.made(each) for each in step.made],
                **({"checked": texts.spots(step.checked)} if step.checked else {}),
                **({"gap": True} if step.gap else {}),
            }
            for step in walk.steps
        ],
        "begins": texts.held(walk.begins),
        "lines": [[line.file, line.number, visible(line.text, keep="\t")] for line in walk.lines],
        "matters": [[at, one_line(why)] for at, why in walk.matters],
        "cut": walk.is_cut,
        "ending": walk.ending,
        "end": walk.end,
        "others": [
            {
                "step": each.step,
                "end": each.end,
                "bytes": each.end - each.start,
                "target": each.target,
                "insns": each.insns,
                "exits": each.exits,
                "known": each.known,
                "walk": each.walk and _plain(each.walk),
            }
            for each in walk.others
        ],
        "once": walk.at_once,
        "texts": texts.all,
    }


def script() -> tuple[Markup, str]:
    """The program, its modules joined to one, and its source for a Content-Security-Policy."""
    text = "".join(_JOINT.sub("", module(name)) for name in SCRIPTS) + _BEGIN
    return Markup(text), f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"  # noqa: S704 - ours


class _Texts:
    """Each text once."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def of(self, text: str) -> int:
        return self._known.setdefault(text, len(self._known))

    def held(self, changes: Sequence[Held]) -> list[list[int]]:
        return [[each.frame, self.of(each.place), self.of(each.value)] for each in changes]

    def spots(self, spots: Sequence[Spot]) -> list[list[int]]:
        return [[each.frame, self.of(each.place), each.size] for each in spots]

    def made(self, made: Made) -> list[object]:
        """[words, [[frame, place, size], …], [[role, frame, place, size], …]]"""
        to = self.spots(made.to)
        of = [[_ROLES.index(role), spot.frame, self.of(spot.place), spot.size] for spot, role in made.of]
        return [self.of(made.words), to, of]

    @property
    def all(self) -> list[str]:
        return [one_line(text) for text in self._known]
