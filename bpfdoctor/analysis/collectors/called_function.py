"""A kernel function that the loader or the kernel does not find: misspelt, newer, left out, or nobody's."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis import answer
from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.kernel import functions, helpers, kfuncs
from bpfdoctor.kernel.versions import series
from bpfdoctor.model.diagnosis import Fact, Facts
from bpfdoctor.model.record import dataclass


class Outcome(answer.Outcome):
    HELPER = "the name is a helper's: those are called by number, and need no declaration as kernel function"
    MISSPELT = "no kernel is known to have the name, and one has a name that is nearly the same"
    NEWER = "the kernel that was asked is older than the function"
    GONE = "the kernel that was asked is newer than the last one with the function"
    LEFT_OUT = "kernels of this version can have it: it depends on an option or a module"
    SINCE = "it is known which kernels have it, and not which one was asked"
    NOBODYS = "no kernel is known to have the name, or one like it"
    NUMBER = "kernels since a release have a helper of this number"
    NO_NUMBER = "no kernel is known to have a helper of this number"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledFunction(Facts):
    """`near` is the name that may be meant, `since` the release that brought it, or the name itself.

    `until` is the last release with the function ("" where the newest has it), `newest` the last one that
    is known, `built` what a kernel must have been built with, or the source that the function is in.
    """

    name: str = ""
    near: str = ""
    since: str = ""
    until: str = ""
    newest: str = ""
    built: str = ""
    number: int = 0  # the helper's

    def public(self) -> Mapping[str, Fact]:
        return {
            "name": self.name,
            "near": self.near,
            "since": self.since,
            "until": self.until,
            "built": self.built,
        }


FACTS = CalledFunction


def collect(context: Context) -> Found | NotShown:
    newest = functions.newest()
    if isinstance(number := context.captures.get("id"), int):
        if (helper := helpers.by_id().get(number)) is not None:
            facts = CalledFunction(name=helper.name, since=helper.since, newest=newest, number=number)
            return Found(Outcome.NUMBER, facts)
        return Found(Outcome.NO_NUMBER, CalledFunction(newest=newest, number=number, layer_shown=False))
    name = context.captures.get("helper")
    if not isinstance(name, str):
        return NotShown("the message does not name the function")
    if name in helpers.every():
        return Found(Outcome.HELPER, CalledFunction(name=name, newest=newest))
    known = kfuncs.every().get(name)
    if known is None:
        return _unknown(name, newest)
    facts = CalledFunction(
        name=name,
        since=known.since,
        until=known.until,
        newest=newest,
        built=functions.BUILT_WITH.get(known.source, f"the options that build {known.source}"),
    )
    if context.raw.kernel is None:
        return Found(Outcome.SINCE, facts)
    running = series(context.raw.kernel.release)
    if running < series(known.since):
        return Found(Outcome.NEWER, facts)
    if known.until and running > series(known.until):
        return Found(Outcome.GONE, facts)
    return Found(Outcome.LEFT_OUT, facts)


def _unknown(name: str, newest: str) -> Found:
    near = functions.like(name)
    if near is None:
        return Found(Outcome.NOBODYS, CalledFunction(name=name, newest=newest, layer_shown=False))
    row = helpers.every().get(near) or kfuncs.every()[near]
    facts = CalledFunction(name=name, near=near, since=row.since, newest=newest, layer_shown=False)
    return Found(Outcome.MISSPELT, facts)
