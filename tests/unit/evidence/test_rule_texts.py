"""What a rule's texts speak of is there; what is not is told, and at run time it is a fault, not a gap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bpfdoctor import catalogue
from bpfdoctor.catalogue import FixSpec, Match, Rule
from bpfdoctor.catalogue.schema import Becomes, Usual
from bpfdoctor.evidence.explain import Wording
from bpfdoctor.evidence.rule_texts import mistakes
from bpfdoctor.evidence.text_types import may_be_empty
from bpfdoctor.fixes.engine import names_of
from bpfdoctor.model.diagnosis import Category

RULES = catalogue.load().rules


RULE = Rule(
    id="BD999",
    name="for-this-test",
    topic="memory",
    title="A title",
    category=Category.MEMORY,
    matches=(Match(("R{reg:reg} at {off:int}, size {size:int}",)), Match(("R{reg:reg} is odd",))),
    evidence="nullness",
    labels={"headline": "a", "wants": "b", "has": "c"},
    fixes=(FixSpec("Check it", use="check_null", why="So.", code="if (!{{ pointer }})", example="+x"),),
)


def told(changed: Rule, *wider: Rule) -> list[str]:
    """What is wrong with the rule, alone or beside those that it may be found as."""
    return [sentence.split(".md: ", 1)[1] for sentence in mistakes([changed, *wider], names_of)]


def labelled(key: str, text: str) -> Rule:
    return replace(RULE, labels={**RULE.labels, key: text})


def fixed(**texts: Any) -> Rule:
    return replace(RULE, fixes=(replace(RULE.fixes[0], **texts),))


def test_every_text_of_the_catalogue_speaks_of_what_is_there() -> None:
    assert list(mistakes(RULES, names_of)) == []


def test_a_rule_without_mistakes_has_none_told() -> None:
    assert told(RULE) == []


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("cause", "{% if f.chek %}a{% else %}b{% endif %}", "Nullness has no chek; check is meant?"),
        ("headline", "{{ f.register }} is NULL", "f may be None here"),
        ("at_check", "checked at {{ f.lost.insn.index }}", "f.lost may be None here"),
        ("at_check", "{{ f.pointer }} is checked", "f.pointer may be None here"),
        ("at_nowhere", "here", "the rule's evidence has no nowhere"),
        ("has", "{{ m.rge|upper }}", "no message of the rule binds rge; reg is meant?"),
        ("has", "{{ m.size }} bytes", "m.size is not always bound; ask `m.size is defined` first"),
        ("has", "{{ m.reg|uper }}", "there is no filter uper; upper is meant?"),
        ("has", "{{ rge }}", "there is no rge"),
        ("has", "{{ p.type }}", "p may be None here"),
        ("has", "{{ var(m.reg) }}", "var(m.reg) may be None here"),
        ("has", "{{ m.reg", "it is not jinja2: unexpected end of template"),
        ("has", "{% if f %}seen{% endif %}", "it may have nothing to say"),
        ("lost", "{% if f.why.nme == 'A' %}a{% endif %}", "Loss has no nme; name is meant?"),
        ("has", "{% set x = 1 %}", "Assign is not used in rules"),
        ("has", "{{ 'a' if f }}", "an `if` in an expression needs its `else`"),
    ],
)
def test_what_is_not_there_is_told(key: str, text: str, says: str) -> None:
    found = told(labelled(key, text))
    assert any(sentence.startswith(f"[labels] {key}: {says}") for sentence in found), found
    assert all(sentence.startswith(f"[labels] {key}: ") for sentence in found), found


def test_what_a_list_holds_is_looked_into() -> None:
    lost = "{% if f.missing and f.missing[0].nam %}a{% endif %}"
    assert told(replace(labelled("lost", lost), evidence="stack_bytes")) == [
        "[labels] lost: Part has no nam; name is meant?"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{% if f and f.lost %}{{ f.lost.insn.index }}{% else %}none{% endif %}",
        "{% if not f %}none{% elif f.pointer %}{{ f.pointer }}{% else %}{{ f.register }}{% endif %}",
        "{{ f.pointer or 'it' if f else 'it' }}",
        "{{ m.size if m.size is defined else 'some' }} bytes",
        "{% if m.off is defined and m.size > 1 %}{{ m.off + m.size }}{% else %}it{% endif %}",
        "{% if not f or not f.lost %}none{% else %}{{ f.lost.number }}{% endif %}",
        "{% if f is not none and f.why.name == 'REREAD' %}read again{% else %}{{ m.reg|upper }}{% endif %}",
        "{% if var(m.reg) %}{{ var(m.reg) }}{% else %}it{% endif %}",
    ],
)
def test_what_was_asked_for_may_be_spoken_of(text: str) -> None:
    assert told(labelled("has", text)) == []


def test_a_rule_that_another_becomes_has_that_one_s_facts() -> None:
    wider = replace(
        RULE, name="wider", evidence="helper_args", becomes=(Becomes(RULE.name, "f and f.turned"),)
    )
    rule = labelled("at_origin", "{{ f.turned }}")
    assert told(rule, wider) == ["[labels] at_origin: Nullness has no turned; picture is meant?"]
    assert told(replace(rule, matches=()), wider) == []  # it is never found by a message of its own
    rule = replace(labelled("at_lost", "checked"), matches=())
    assert told(rule, wider) == ["[labels] at_lost: the rule's evidence has no lost"]


def test_conditions_and_fixes_are_looked_at() -> None:
    (said,) = told(replace(RULE, becomes=(Becomes("other", "f.pointer"),)))
    assert said.startswith("[[becomes]] 1: when: f may be None here")
    (said,) = told(replace(RULE, usual=(Usual("A.", "B.", "shown.opp == 'call'"),)))
    assert said.startswith("[[usual]] 1: when: Shown has no opp; op is meant?")
    (said,) = told(fixed(code="if (!{{ pointr }})"))
    assert said == "[[fix]] 1: code: there is no pointr; pointer is meant?"
    (said,) = told(fixed(title="Check {{ pointer }}"))
    assert said == "[[fix]] 1: title: pointer is not always bound; ask `pointer is defined` first"
    (said,) = told(fixed(why="{% if f %}Because.{% endif %}"))
    assert said.startswith("[[fix]] 1: why: it may have nothing to say")
    assert told(fixed(when="pointer is defined", title="Check {{ pointer }}")) == []


@pytest.mark.parametrize(
    ("text", "empty"),
    [
        ("text", False),
        ("{{ x }}", False),
        ("{% if a %}b{% endif %}", True),
        ("{% if a %}b{% else %}c{% endif %}", False),
        ("{% if a %}b{% elif c %}d{% endif %}", True),
        ("{% if a %}b{% endif %} and more", False),
        ("{% if a %}b{% else %}{% if c %}d{% endif %}{% endif %}", True),
    ],
)
def test_a_text_that_may_be_empty(text: str, empty: bool) -> None:
    assert may_be_empty(text) is empty


def test_a_text_that_cannot_be_written_is_a_fault_and_no_crash() -> None:
    wording = Wording({"f": None, "m": {"n": 0}})
    assert wording.text("has", "{{ f.twinn }}") == ""
    assert wording.text("lost", "{{ 1 // m.n }}") == ""
    assert wording.needed("headline", "{% if f %}a{% endif %}") == ""
    assert not wording.with_names({"g": 1}).holds("when", "g > h")
    assert wording.text("note", "{% if f %}a{% endif %}") == ""  # nothing to say, and it need not
    assert [fault.split(":")[:2] for fault in wording.faults] == [
        ["has", " UndefinedError"],
        ["lost", " ZeroDivisionError"],
        ["headline", " it is empty"],
        ["when", " UndefinedError"],
    ]
