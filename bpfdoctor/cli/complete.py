"""What a shell offers for the values that are no files: rules, topics, kernels, capabilities."""

from __future__ import annotations

from collections.abc import Iterable


def rules_listed(incomplete: str) -> list[str]:
    """`packet-bounds,map-` as `packet-bounds,map-value-bounds` …: for --select and --ignore."""
    from bpfdoctor import catalogue
    from bpfdoctor.catalogue import topics

    rules = catalogue.load().rules
    return _after_comma(
        incomplete, [*(rule.name for rule in rules), *topics.rules_of(), *{rule.topic for rule in rules}]
    )


def rules_and_pages(incomplete: str) -> list[str]:
    """What `explain` has a page of."""
    from bpfdoctor import catalogue
    from bpfdoctor.catalogue import topics

    names = [*(rule.name for rule in catalogue.load().rules), *topics.rules_of()]
    return sorted(name for name in names if name.startswith(incomplete))


def kernels(incomplete: str) -> list[str]:
    """Those of the lab, and `host` and `all`."""
    from bpfdoctor.lab.kernel_index import known

    return _after_comma(incomplete, ["host", "all", *(kernel.name for kernel in known())])


def capabilities(incomplete: str) -> list[str]:
    """The sets of --caps."""
    from bpfdoctor.kernel.capabilities import NAMES

    return _after_comma(incomplete, NAMES)


def _after_comma(typed: str, words: Iterable[str]) -> list[str]:
    """The lists that what is typed may become: only its last word is open."""
    before, comma, last = typed.rpartition(",")
    return sorted(before + comma + word for word in words if word.startswith(last))
