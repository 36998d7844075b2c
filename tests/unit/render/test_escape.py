"""What our own sentences use beyond ASCII has letters that stand for it, where only ASCII may be drawn."""

from __future__ import annotations

from bpfdoctor import catalogue
from bpfdoctor.render.escape import one_line


def test_no_sentence_of_a_rule_needs_an_escape_in_ascii() -> None:
    said = [rule.title for rule in catalogue.load().rules]
    for rule in catalogue.load().rules:
        for table in (rule.said["always"], *rule.said["outcome"].values(), *rule.said["message"].values()):
            said += [part for value in table.values() for part in value if isinstance(part, str)]
        said += [text for each in rule.usual for text in (each.cause, each.because)]
    wrong = [
        text
        for text in said
        if "\\u" in one_line(text, unicode=False) or "\\x" in one_line(text, unicode=False)
    ]
    assert wrong == []
