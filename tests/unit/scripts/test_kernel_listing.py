"""The list in the repository: its form, its composites, and the examples made from it."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.kernel_messages import composites, listing, render
from scripts.kernel_messages.fillings import CONVERSION

KERNELS = ["5.10", "6.1", "6.12", "6.18", "7.2", "7.3"]
_SHAPES = {
    "d": r"[+-]?\d+",
    "i": r"[+-]?\d+",
    "u": r"\d+",
    "x": "(0x)?[0-9a-f]+",
    "X": "(0x)?[0-9A-F]+",
    "c": ".?",
}


@pytest.fixture(scope="module")
def listed() -> dict[str, Any]:
    return listing.load()


def shape(format: str) -> str:
    """A regular expression for what a format can print."""
    parts, end = [], 0
    for match in CONVERSION.finditer(format):
        parts.append(re.escape(format[end : match.start()]))
        end = match.end()
        parts.append("%" if match[0] == "%%" else r"\s*" + _SHAPES.get(match[4], "(.|\n)*?"))
    return "".join(parts) + re.escape(format[end:])


def test_the_six_kernels_and_their_packages(listed: dict[str, Any]) -> None:
    assert list(listed["kernels"]) == KERNELS
    assert all(
        entry.startswith("linux-source-") for entries in listed["kernels"].values() for entry in entries
    )


@pytest.mark.parametrize(
    ("kernel", "least"),
    [("5.10", 415), ("6.1", 550), ("6.12", 700), ("6.18", 745), ("7.2", 785), ("7.3", 810)],
)
def test_no_kernel_has_lost_messages(listed: dict[str, Any], kernel: str, least: int) -> None:
    refusing = [
        m for m in listed["messages"] if kernel in m["kernels"] and m["kind"] not in ("info", "report")
    ]
    assert len(refusing) >= least


def test_every_message_is_sorted_into_a_topic_and_a_kind(listed: dict[str, Any]) -> None:
    assert {m["kind"] for m in listed["messages"]} == {"reject", "info", "bug", "offload", "report"}
    assert [m["format"] for m in listed["messages"] if m["topic"] == "other"] == []


def test_one_message_a_line_sorted(listed: dict[str, Any]) -> None:
    text = listing.path().read_text()
    assert listing.dump(listed) == text
    formats = [m["format"] for m in listed["messages"]]
    assert formats == sorted(formats)
    assert text.count("\n") > len(formats)


def test_a_format_is_listed_once(listed: dict[str, Any]) -> None:
    names = [(m["format"], "part" in m) for m in listed["messages"]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("composite", composites.COMPOSITES, ids=lambda composite: composite.name)
def test_composites_are_made_of_formats_that_kernels_have(
    listed: dict[str, Any], composite: composites.Composite
) -> None:
    known = {m["format"] for m in listed["messages"]}
    assert {format for part in composite.parts for format in part.formats} <= known
    assert next(entry for entry in listed["composites"] if entry["name"] == composite.name)["kernels"]


@pytest.mark.parametrize("composite", composites.COMPOSITES, ids=lambda composite: composite.name)
def test_examples_of_composites_are_lines_the_parts_make(composite: composites.Composite) -> None:
    pattern = ""
    for part in composite.parts:
        choices = "|".join(shape(format.rstrip("\n")) for format in part.formats)
        pattern += f"({choices})" + ("*" if part.repeated else "?" if part.optional else "")
    for example in composite.examples:
        assert re.fullmatch(pattern, example), example


def test_every_example_is_what_its_format_prints(listed: dict[str, Any]) -> None:
    for message in listed["messages"]:
        examples = render.render_examples(message, listed["vocabulary"])
        assert 1 <= len(examples) <= render.EXAMPLES
        for example in examples:
            assert re.search(shape(message["format"].rstrip("\n")) + r"\Z", example), (
                message["format"],
                example,
            )


@given(
    st.lists(
        st.sampled_from(
            ["R", "%d", "%#x", "%s", "%c", " off=", "%%", "%+d", "%*d", "%.*s", "%llu", "{}", "["]
        ),
        max_size=12,
    ).map("".join)
)
def test_any_format_can_be_rendered(format: str) -> None:
    for example in render.render_examples({"format": format, "kernels": ["6.1"]}, {}):
        assert example.count("%") <= format.count("%%")


def test_examples_have_negative_numbers_and_words_that_fit() -> None:
    message = {
        "format": "invalid stack R%d off=%d size=%d, %s\n",
        "kernels": ["6.1"],
        "strings": ["reg_type"],
    }
    assert render.render_examples(message, {}) == (
        "invalid stack R1 off=-8 size=8, scalar",
        "invalid stack R2 off=36 size=4, fp",
        "invalid stack R7 off=4096 size=64, map_value_or_null",
    )


def test_5_10_calls_a_scalar_inv_and_7_2_has_stack_arguments() -> None:
    old = {"format": "%s type=%s\n", "kernels": ["5.10"], "strings": ["reg", "reg_type"]}
    new = {"format": "%s type=%s\n", "kernels": ["7.2", "7.3"], "strings": ["reg", "reg_type"]}
    assert "inv" in " ".join(render.render_examples(old | {"strings": ["reg_type", "reg"]}, {}))
    assert any(example.startswith("*(R11-8)") for example in render.render_examples(new, {}))


def test_words_that_the_code_lists_are_used() -> None:
    message = {"format": "%s_unlock\n", "kernels": ["6.18"], "strings": [["bpf_res_spin", "bpf_spin"]]}
    assert render.render_examples(message, {}) == ("bpf_res_spin_unlock", "bpf_spin_unlock")


def test_statements_leave_out_what_cannot_stand_alone(listed: dict[str, Any]) -> None:
    names = {statement.name for statement in render.statements(listed)}
    assert "argument-type" in names
    assert "%s type=%s expected=" not in names
    assert "\n" not in names


def test_statements_are_the_same_every_time(listed: dict[str, Any]) -> None:
    assert list(render.statements(listed)) == list(render.statements(json.loads(json.dumps(listed))))


def test_what_debian_dropped_is_kept() -> None:
    old: dict[str, Any] = {
        "kernels": {"6.1": ["p 6.1.1"]},
        "between": {"6.16": ["p 6.16.1"]},
        "messages": [
            {"format": "both\n", "kernels": ["6.1", "6.16"]},
            {"format": "gone\n", "kernels": ["6.16"]},
            {"format": "renamed\n", "kernels": ["6.1"]},
        ],
    }
    made: dict[str, Any] = {
        "kernels": {"6.1": ["p 6.1.2"]},
        "between": {},
        "messages": [{"format": "both\n", "kernels": ["6.1"]}],
    }
    listing.keep(old, made)
    assert made["between"] == {"6.16": ["p 6.16.1"]}
    assert made["messages"] == [
        {"format": "both\n", "kernels": ["6.1", "6.16"]},
        {"format": "gone\n", "kernels": ["6.16"]},
    ]
