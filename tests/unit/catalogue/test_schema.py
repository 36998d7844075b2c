"""A rule's head: what is taken, and that every mistake is named with its file and key."""

import pytest

from bpfdoctor.catalogue.head import read_head, split
from bpfdoctor.catalogue.schema import RuleError, build
from bpfdoctor.model.diagnosis import Category, Layer, Safety, Severity
from bpfdoctor.model.report import Stage

GOOD = """\
+++
id = "BD999"
title = "A title"
category = "Policy"
layer = "verifier_limit"
severity = "warning"
since = "v5.2"

[[match]]
lines = ["size {size:int} at {off:int}", "second line"]
when = ["off + size <= 0", "size > 2"]
stage = "loader"
errno = "EPERM"
priority = 2
summary = true
examples = ["size 4 at -8\\nsecond line"]

[evidence]
use = "stack_bytes"

[always]
headline = "one"
access = "two"

[[usual]]
cause = "A cause."
because = "A reason."
when = ["size > 2", "made is load"]

[[fix]]
use = "initialize"
title = "Fix it"
why = "Because"
safety = "unsafe"
code = "x = 0;"
example = "+x = 0;"
+++
The page.
"""


def test_every_key_arrives_typed() -> None:
    rule = build(read_head(GOOD, "x.md"), "memory", "name")
    assert (rule.id, rule.name, rule.topic, rule.title) == ("BD999", "name", "memory", "A title")
    assert (rule.category, rule.layer, rule.severity) == (Category.POLICY, Layer.LIMIT, Severity.WARNING)
    (match,) = rule.matches
    assert match.lines == ("size {size:int} at {off:int}", "second line")
    assert (match.stage, match.errno, match.priority, match.summary) == (Stage.LOADER, 1, 2, True)
    assert match.examples == (("size 4 at -8", "second line"),)
    assert match.when == ("off + size <= 0", "size > 2")
    assert (rule.evidence, rule.words(None).labels) == ("stack_bytes", {"access": ["two"]})
    assert rule.usual[0].when == ("size > 2", "made is load")
    (fix,) = rule.fixes
    assert (fix.use, fix.safety, fix.example) == ("initialize", Safety.UNSAFE, "+x = 0;")
    assert split(GOOD, "x.md")[1] == "The page.\n"


def test_what_is_left_out_has_a_default() -> None:
    text = '+++\nid = "BD100"\ntitle = "T"\ncategory = "Policy"\n+++\n'
    rule = build(read_head(text, "x.md"), "memory", "name")
    assert (rule.layer, rule.severity, rule.evidence, rule.fixes) == (Layer.SOURCE, Severity.ERROR, None, ())


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("BD999", "XX1", "x.md: id 'XX1' is not BD and three or four digits"),
        ('"A title"', '"A title."', "x.md: title ends with a full stop"),
        ('"A title"', "3", "x.md: title is missing or not a string"),
        ('"Policy"', '"Polity"', "x.md: category 'Polity' is not one of Register Type Safety, "),
        ("verifier_limit", "limit", "x.md: layer 'limit' is not one of source_bug, "),
        ("since", "sinse", "x.md: unknown key 'sinse'; keys are id, title"),
        ('["size {size:int} at', '["size {size:nit} at', "x.md: [[match]] 1: lines 1 'size {size:nit} at"),
        ('"loader"', '"load"', "x.md: [[match]] 1: stage 'load' is not one of verifier, compiler, loader"),
        ('"EPERM"', '"EFOO"', "x.md: [[match]] 1: errno 'EFOO' is not the name of one"),
        ("priority = 2", 'priority = "2"', "x.md: [[match]] 1: priority is not a whole number"),
        ("summary = true", "summary = 1", "x.md: [[match]] 1: summary is not true or false"),
        ("size > 2", "size", "x.md: [[match]] 1: when: 'size' is neither two sums"),
        ("size > 2", "size * 2 > 4", "x.md: [[match]] 1: when: 'size * 2' is not a sum"),
        ("size > 2", "length > 4", "x.md: [[match]] 1: when: 'length > 4' speaks of length, which lines"),
        ('examples = ["size', 'examples = ["", "size', "x.md: [[match]] 1: examples is not a list"),
        ("[always]", "[labels]", "x.md: unknown key 'labels'"),
        ('"two"', "2", "x.md: [always]: access is not a string"),
        ('"two"', '"{two"', "x.md: [always]: access: it makes no sense"),
        ("made is load", "made load", "x.md: [[usual]] 1: when: 'made load' is neither two sums"),
        ('"Fix it"', '"Fix {{ it }}"', "x.md: [[fix]] 1: title: it makes no sense"),
        ('use = "stack_bytes"', "use = 1", "x.md: [evidence]: use is not a string"),
        ("why =", "wy =", "x.md: [[fix]] 1: unknown key 'wy'"),
        ('"unsafe"', '"risky"', "x.md: [[fix]] 1: safety 'risky' is not one of safe, unsafe"),
        (
            '"+x = 0;"',
            '"x = 0;"',
            "x.md: [[fix]] 1: example line 'x = 0;' does not start with +, - or a space",
        ),
        ('example = "+x = 0;"\n', "", "x.md: [[fix]] 1: example is missing"),
        ("[[match]]\nlines = [", "[[match]]\n# lines = [", "unknown"),
        ('id = "BD999"', "id = ", "x.md: the head is not TOML: "),
        ("+++\nid", "id", "x.md: the file must begin with its head between two lines of +++"),
    ],
)
def test_a_mistake_is_told_with_file_and_key(old: str, new: str, sentence: str) -> None:
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    if sentence == "unknown":
        text = text.replace('errno = "EPERM"\n', "").replace('when = ["off + size <= 0", "size > 2"]\n', "")
        sentence = "x.md: [[match]] 1: it has neither lines nor errno"
    with pytest.raises(RuleError) as raised:
        read_head(text, "x.md")
    assert any(told.startswith(sentence) for told in raised.value.sentences), raised.value.sentences
