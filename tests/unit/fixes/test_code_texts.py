"""What the code of a [[fix]] speaks of is filled in by its fixer."""

from dataclasses import replace

import pytest

from bpfdoctor import catalogue
from bpfdoctor.fixes import engine

RULES = catalogue.load()


def told(code: str) -> list[str]:
    rule = RULES.rule("map-value-or-null")
    return [*engine.mistakes([replace(rule, fixes=(replace(rule.fixes[0], code=code),))])]


def test_the_catalogue_has_no_mistakes() -> None:
    assert [*engine.mistakes(RULES.rules)] == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("if (!{{ pointr }})", "[[fix]] check_null: code: check_null fills in no pointr"),
        ("{% if pointer %}", "[[fix]] check_null: code: it is not jinja2: "),
    ],
)
def test_a_mistake_is_named(code: str, says: str) -> None:
    (said,) = told(code)
    assert said.startswith(f"rules/registers/map-value-or-null.md: {says}")
