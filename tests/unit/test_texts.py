"""Templates compiled for the wheel: all that a rule has, with the same result as compiled from their text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from jinja2 import FunctionLoader

from bpfdoctor import catalogue, resources, texts
from bpfdoctor.analysis import explain
from bpfdoctor.catalogue.schema import Rule


def strings(value: Any) -> Iterator[str]:
    """Every text in a rule but what it matches."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from strings(each)
    elif hasattr(value, "items"):
        yield from strings(tuple(value.values()))
    elif hasattr(value, "__dataclass_fields__") and not isinstance(value, catalogue.Match):
        yield from strings(tuple(getattr(value, name) for name in value.__dataclass_fields__))


@pytest.mark.parametrize("rule", catalogue.load().rules, ids=lambda rule: rule.name)
def test_each_template_of_a_rule_is_compiled(rule: Rule) -> None:
    compiled = set(explain.templates(rule))
    assert {text for text in strings(rule) if "{{" in text or "{%" in text} <= compiled


TEMPLATE = "{% for n in m %}{{ n | double }}{% if not loop.last %}, {% endif %}{% endfor %}"


def environment() -> jinja2.Environment:
    made = texts.environment("mine", FunctionLoader(str), autoescape=True)
    made.filters["double"] = lambda text: text + text
    return made


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a wheel has of TEMPLATE."""
    (tmp_path / "mine-templates.jsonl").write_bytes(texts.packed(environment(), [TEMPLATE, TEMPLATE]))
    monkeypatch.setattr(resources, "compiled", lambda name: (tmp_path / name).read_bytes())
    return tmp_path / "mine-templates.jsonl"


def rendered() -> str:
    return environment().get_template(TEMPLATE).render(m=["a", "<"])


def test_compiled_code_gives_what_the_text_gives(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jinja2.Environment, "compile", lambda *_, **__: pytest.fail("compiled again"))
    assert rendered() == "aa, &lt;&lt;"


def test_code_of_another_jinja2_is_not_used(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel.write_bytes(wheel.read_bytes().replace(b"yield", b"yield 1 /"))
    monkeypatch.setattr(jinja2, "__version__", "4.0")
    assert rendered() == "aa, &lt;&lt;"


def test_a_name_without_value_is_an_error(wheel: Path) -> None:
    with pytest.raises(jinja2.UndefinedError):
        environment().get_template(TEMPLATE).render()
