"""--select and --ignore: which findings the user wants to hear about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from bpfdoctor.model.diagnosis import Category, Diagnosis, Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.render.words import plural

Wanted = Callable[[Diagnosis], bool]


def wanted(select: Sequence[str], ignore: Sequence[str]) -> Wanted:
    """A test for findings. Raises Problem for a name that is no rule, id or category."""
    if not select and not ignore:
        return lambda diagnosis: True
    chosen = _rules(select) if select else None
    left_out = _rules(ignore)
    return lambda diagnosis: (chosen is None or diagnosis.rule in chosen) and diagnosis.rule not in left_out


def filtered(reports: Sequence[Report], want: Wanted) -> list[Report]:
    """The reports with the findings that are wanted; a report that loses all of them goes."""
    kept = []
    for report in reports:
        diagnoses = tuple(diagnosis for diagnosis in report.diagnoses if want(diagnosis))
        if diagnoses or not report.diagnoses:
            kept.append(replace(report, diagnoses=diagnoses))
    return kept


def hidden(told: Sequence[Report], kept: Sequence[Report]) -> str:
    """What filtering left out: "3 findings (packet-bounds, program-too-large)"; "" for nothing."""
    gone = Counter(each.rule for report in told for each in report.diagnoses)
    gone.subtract(each.rule for report in kept for each in report.diagnoses)
    rules = sorted(+gone)
    return f"{plural(gone.total(), 'finding')} ({', '.join(rules)})" if rules else ""


def _rules(keys: Sequence[str]) -> frozenset[str]:
    from bpfdoctor import catalogue

    rules = catalogue.load()
    found: set[str] = set()
    for key in keys:
        category = next((one for one in Category if one.value.lower() == key.lower()), None)
        if category:
            found.update(rule.name for rule in rules.rules if rule.category is category)
            continue
        try:
            found.add(rules.rule(key).name)
        except KeyError:
            raise unknown(key) from None
    return frozenset(found)


def unknown(key: str) -> Problem:
    """There is no such rule; the nearest ones by name."""
    from difflib import get_close_matches

    from bpfdoctor import catalogue

    rules = catalogue.load().rules
    known = {text.lower(): rule.name for rule in rules for text in (rule.name, rule.id)}
    near = dict.fromkeys(known[text] for text in get_close_matches(key.lower(), known, 3, 0.6))
    *first, last = near or ("",)
    ways = [f"Did you mean {' or '.join(filter(None, (', '.join(first), last)))}?"] if near else []
    return Problem(f"There is no rule {key!r}.", *ways, "`bpfdoctor rules` lists them all.")
