"""What a rule of preflight says, and what its causes bind."""

from __future__ import annotations

import pytest

from bpfdoctor import catalogue
from bpfdoctor.catalogue.condition import names_in
from bpfdoctor.catalogue.sentence import values
from bpfdoctor.model.preflight import CAUSES

OF_HOOKS = {"hook", "target"}  # bound for every cause


@pytest.mark.parametrize("name", CAUSES)
def test_a_sentence_uses_only_what_its_cause_binds(name: str) -> None:
    rule = catalogue.load().rule(name)
    known = {*CAUSES[name], *OF_HOOKS, "kernel", "program"}
    for key, sentence in rule.words(None).sentences():
        used = {each for named, _ in values(sentence) for each in names_in(named)}
        assert used <= known, f"{name}: {key} uses {sorted(used - known)}"
