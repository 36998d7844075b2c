"""What --select, --ignore and comments may call several rules by: a topic's page, a folder, a category."""

from __future__ import annotations

import pytest

from bpfdoctor import catalogue
from bpfdoctor.catalogue import topics
from bpfdoctor.cli.select import meant
from bpfdoctor.model.problem import Problem

RULES = catalogue.load().rules


def test_a_topic_is_the_rules_that_share_its_page_or_its_folder() -> None:
    assert meant("stack") == set(topics.rules_of()["stack"])
    assert (
        {"packet-bounds", "map-value-bounds"}
        <= meant("memory")
        == {rule.name for rule in RULES if rule.topic == "memory"}
    )
    assert meant("BD101") == meant("Packet-Bounds") == {"packet-bounds"}


def test_no_topic_is_called_as_a_rule_or_another_topic_is() -> None:
    names = [*topics.rules_of(), *{rule.topic for rule in RULES}, *(rule.name for rule in RULES)]
    assert len(set(names)) == len(names)
    assert {name for some in topics.rules_of().values() for name in some} <= {rule.name for rule in RULES}


@pytest.mark.parametrize(
    ("key", "near"), [("lops", "loops"), ("memry", "memory"), ("memory safty", "Memory Safety")]
)
def test_one_that_there_is_not_names_the_nearest(key: str, near: str) -> None:
    with pytest.raises(Problem, match="There is no rule and no topic") as found:
        meant(key)
    assert near in found.value.ways_out[0]
