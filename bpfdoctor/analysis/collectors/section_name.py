"""A section that the loader does not know: whether a later libbpf does."""

from __future__ import annotations

from collections.abc import Mapping

from bpfdoctor.analysis import answer
from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.context import Context
from bpfdoctor.kernel import libbpf
from bpfdoctor.model.diagnosis import Fact, Facts, Layer
from bpfdoctor.model.record import dataclass


class Outcome(answer.Outcome):
    NEWER = "a later libbpf knows the section"


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionName(Facts):
    """`since` is the release of libbpf that brought the section's name."""

    section: str
    since: str

    def public(self) -> Mapping[str, Fact]:
        return {"section": self.section, "since": self.since}


FACTS = SectionName


def collect(context: Context) -> Found | NotShown:
    section = str(context.captures.get("section", "")).strip("'\"?. ")
    since = libbpf.section_since(section)
    if since is None:
        return NotShown("no libbpf is known to have this section")
    return Found(Outcome.NEWER, SectionName(section=section, since=since, layer=Layer.ENVIRONMENT))
