"""The list of toolchain messages in the repository: its form and the examples made from it."""

import re
from typing import Any

import pytest

from scripts.toolchain_messages import listing, provoke, render
from scripts.toolchain_messages.found import Found

TOOLS = {"libbpf", "bpftool", "bcc", "bcc-python", "iproute2", "cilium/ebpf", "aya", "libbpf-rs", "llvm"}


@pytest.fixture(scope="module")
def listed() -> dict[str, Any]:
    return listing.load()


def test_every_tool_is_there_with_its_versions(listed: dict[str, Any]) -> None:
    assert set(listed["versions"]) == TOOLS
    assert {m["tool"] for m in listed["messages"]} == TOOLS


@pytest.mark.parametrize(
    ("tool", "least"),
    [("libbpf", 840), ("bpftool", 365), ("cilium/ebpf", 1150), ("aya", 115), ("libbpf-rs", 78), ("llvm", 95)],
)
def test_no_tool_has_lost_messages(listed: dict[str, Any], tool: str, least: int) -> None:
    assert sum(m["tool"] == tool for m in listed["messages"]) >= least


def test_one_message_a_line_sorted(listed: dict[str, Any]) -> None:
    assert listing.write(listed) == listing.path().read_text()
    keys = [(m["tool"], m["format"]) for m in listed["messages"]]
    assert keys == sorted(set(keys))


def test_every_message_says_when_it_is_met(listed: dict[str, Any]) -> None:
    assert {m["when"] for m in listed["messages"]} == set(listing.WHENS)
    assert {m["kind"] for m in listed["messages"]} == {"error", "warning", "info", "hint"}


@pytest.mark.parametrize(
    ("tool", "format", "when"),
    [
        ("llvm", "error: A call to built-in function '%s' is not supported.", "compile"),
        ("libbpf", "libbpf: failed to load object '%s'\n", "load"),
        ("libbpf", "libbpf: prog '%s': -- BEGIN PROG LOAD LOG --\n%s-- END PROG LOAD LOG --\n", "load"),
        ("cilium/ebpf", "load program: %w: %s (%d line(s) omitted)", "load"),
        ("aya", "the BPF_PROG_LOAD syscall failed. Verifier output: {verifier_log}", "load"),
        ("bcc", "bpf: Failed to load program: %s\n", "load"),
        ("iproute2", "RTNETLINK answers: %s\n", "attach"),
    ],
)
def test_what_everybody_meets_is_listed(listed: dict[str, Any], tool: str, format: str, when: str) -> None:
    assert [m["when"] for m in listed["messages"] if (m["tool"], m["format"]) == (tool, format)] == [when]


def test_every_example_is_what_its_format_prints(listed: dict[str, Any]) -> None:
    for message in listed["messages"]:
        examples = render.render_examples(message)
        assert 1 <= len(examples) <= render.EXAMPLES
        if "examples" in message:
            continue  # printed by a compiler
        for example in examples:
            shape = render.pattern(message["tool"], message["format"].strip("\n"))
            assert re.fullmatch(shape, example), (message["format"], example)


def test_statements_stop_where_the_program_runs(listed: dict[str, Any]) -> None:
    assert "use" not in {statement.when for statement in render.statements(listed)}
    assert "use" in {statement.when for statement in render.statements(listed, frozenset({"use"}))}


def test_go_and_rust_holes_are_filled() -> None:
    go = {"tool": "cilium/ebpf", "format": "map %q: %w (%d)", "versions": []}
    assert render.render_examples(go)[0] == 'map "events": Permission denied (-22)'
    rust = {"tool": "aya", "format": "error loading {path}: {{}} {0:?}", "versions": []}
    assert render.render_examples(rust)[0] == 'error loading /sys/fs/bpf/counters: {} "value"'


def test_what_a_compiler_said_is_filed_under_the_sources_format() -> None:
    source = Found("llvm", "clang-22", "error: A call to '%s' is bad.", "X.cpp")
    said = Found(
        "llvm", "clang-19", "error: A call to '%s' is bad.", "clang", "error", "memcpy", "compiler",
        "error: A call to 'memcpy' is bad.", "code",
    )  # fmt: skip
    other = Found("llvm", "clang-19", "error: no", "clang", "error", "no", "compiler", "error: no", "code")
    made = listing.build([source, said, other])["messages"]
    assert [(m["format"], m["versions"], m.get("examples")) for m in made] == [
        ("error: A call to '%s' is bad.", ["clang-19", "clang-22"], ["error: A call to 'memcpy' is bad."]),
        ("error: no", ["clang-19"], ["error: no"]),
    ]


def test_every_provoked_message_names_a_snippet(listed: dict[str, Any]) -> None:
    named = {name for m in listed["messages"] for name in m.get("snippets", ())}
    assert named
    assert named <= set(provoke.SNIPPETS)
