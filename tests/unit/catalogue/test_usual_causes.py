"""The [[usual]] tables of the rules: plain sentences in their order."""

import re

import pytest

from bpfdoctor import catalogue
from bpfdoctor.catalogue.head import read_head
from bpfdoctor.catalogue.schema import RuleError

HEAD = '+++\nid = "BD100"\ntitle = "A title"\ncategory = "Policy"\n[[usual]]\n{table}\n+++\nThe page.\n'
RULES = [rule for rule in catalogue.load().rules if rule.usual]


def test_the_rules_that_people_meet_have_usual_causes() -> None:
    assert len(RULES) >= 40


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_they_are_sentences(rule: catalogue.Rule) -> None:
    for each in rule.usual:
        assert each.cause.endswith(".") and each.because.endswith(".")


def test_the_page_lists_them() -> None:
    rules = catalogue.load()
    page = rules.page(rules.rule("map-value-or-null"))
    assert "## Usual causes, most likely first\n1. " in page
    assert page.index("## Usual causes") < page.index("## Fails")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('cause = "One."', "because is missing"),
        ('cause = "{{ m.reg }} is one."\nbecause = "So."', "plain text"),
        ('cause = "One."\nbecause = "So."\nrank = 1', "unknown key 'rank'"),
    ],
)
def test_mistakes_are_named(table: str, says: str) -> None:
    with pytest.raises(RuleError, match=re.escape(says)):
        read_head(HEAD.format(table=table), "x.md")
