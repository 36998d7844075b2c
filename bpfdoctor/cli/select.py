"""--select and --ignore: which findings the user wants to hear about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from bpfdoctor.model.diagnosis import Diagnosis, Report
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
        if diagnoses or report.excused or not report.diagnoses:
            kept.append(replace(report, diagnoses=diagnoses))
    return kept


def lost(told: Sequence[Report], kept: Sequence[Report]) -> int:
    """How many findings filtering left out."""
    return sum(len(report.diagnoses) for report in told) - sum(len(report.diagnoses) for report in kept)


def hidden(told: Sequence[Report], kept: Sequence[Report]) -> str:
    """What filtering left out: "3 findings (packet-bounds, program-too-large)"; "" for nothing."""
    gone = Counter(each.rule for report in told for each in report.diagnoses)
    gone.subtract(each.rule for report in kept for each in report.diagnoses)
    rules = sorted(+gone)
    return f"{plural(gone.total(), 'finding')} ({', '.join(rules)})" if rules else ""


def _rules(keys: Sequence[str]) -> frozenset[str]:
    return frozenset().union(*map(meant, keys))


def meant(key: str) -> frozenset[str]:
    """The rules that a word stands for: a rule's name or id, a category, or a topic: the page (`loops`) that
    rules share, or the folder (`memory`) that they are in. Raises Problem.
    """
    from bpfdoctor import catalogue
    from bpfdoctor.catalogue import topics

    known = catalogue.load()
    try:
        return frozenset({known.rule(key).name})
    except KeyError:
        pass
    word = key.strip().lower()
    found = {rule.name for rule in known.rules if word in (rule.category.value.lower(), rule.topic)}
    found.update(topics.rules_of().get(word, ()))
    if not found:
        raise unknown(key, groups=True)
    return frozenset(found)


def unknown(key: str, *, groups: bool = False) -> Problem:
    """There is no such rule; the nearest ones by name. With `groups` a category or a topic was possible."""
    from difflib import get_close_matches

    from bpfdoctor import catalogue
    from bpfdoctor.catalogue import topics

    rules = catalogue.load().rules
    known = {text.lower(): rule.name for rule in rules for text in (rule.name, rule.id)}
    if groups:
        words = {
            *(rule.category.value for rule in rules),
            *(rule.topic for rule in rules),
            *topics.rules_of(),
        }
        known |= {word.lower(): word for word in words}
    near = dict.fromkeys(known[text] for text in get_close_matches(key.lower(), known, 3, 0.6))
    *first, last = near or ("",)
    ways = [f"Did you mean {' or '.join(filter(None, (', '.join(first), last)))}?"] if near else []
    what = "rule and no topic" if groups else "rule"
    return Problem(f"There is no {what} {key!r}.", *ways, "`bpfdoctor rules` lists them all.")
