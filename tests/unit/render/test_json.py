"""The JSON contract: docs/json.md, schema.json and what is printed are the same thing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

from bpfdoctor.model.problem import Problem
from bpfdoctor.render import Unexamined, render
from tests.unit.render import reports

ROOT = Path(__file__).resolve().parents[3]
SCHEMA: dict[str, Any] = json.loads((ROOT / "bpfdoctor/render/schema.json").read_text())


def document(*made: Any, **options: Any) -> Any:
    return json.loads(render(list(made), "json", **options))


def test_every_report_is_what_the_schema_says() -> None:
    failures = [Unexamined("x.c", Problem("x.c is empty", "name another file"))]
    found = document(*(make() for make in reports.ALL), failures=failures)
    jsonschema.Draft202012Validator(SCHEMA).validate(found)


def test_every_field_is_in_the_schema() -> None:
    found = document(*(make() for make in reports.ALL), failures=[Unexamined("x", Problem("y"))])
    unknown = set(_undocumented(found, SCHEMA, "$"))
    assert not unknown, f"add to bpfdoctor/render/schema.json and docs/json.md: {sorted(unknown)}"


def _undocumented(value: Any, schema: Any, path: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, list):
        for item in value:
            yield from _undocumented(item, schema.get("items", {}), f"{path}[]")
    elif isinstance(value, dict) and "properties" in schema:
        for key, item in value.items():
            if key not in schema["properties"]:
                yield f"{path}.{key}"
            else:
                yield from _undocumented(item, schema["properties"][key], f"{path}.{key}")


def test_every_field_of_the_schema_is_described() -> None:
    text = (ROOT / "docs/json.md").read_text()
    names = {name for part in (SCHEMA, *SCHEMA["$defs"].values()) for name in part.get("properties", ())}
    assert not {name for name in names if f"`{name}`" not in text}


def test_each_kind_of_facts_is_described_as_in_the_schema() -> None:
    text = (ROOT / "docs/json.md").read_text()
    parts = ("part", "object_bytes", "change", "level", "loop_nest", "local", "function_stack", "call_stack")
    kinds = [name for name in SCHEMA["$defs"] if name.startswith("facts_")]
    assert len(kinds) == len(list((ROOT / "bpfdoctor/analysis/collectors").glob("[a-z]*.py")))
    for name in (*kinds, *parts, "not_loaded"):
        defined = SCHEMA["$defs"][name]
        assert defined["additionalProperties"] is False
        section = text.partition(f"`{name.removeprefix('facts_')}`: {defined['description']}\n")[2]
        rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section.partition("\n`")[0], re.M)
        common = ("collector", "why", "registers") if name in kinds else ()
        assert dict(rows) == {
            key: _description(known) for key, known in defined["properties"].items() if key not in common
        }, name


def _description(known: Any) -> Any:
    return known.get("description") or SCHEMA["$defs"][known["$ref"].rsplit("/", 1)[1]]["description"]


def test_the_contract_of_the_design() -> None:
    (found,) = document(reports.report())["reports"]
    assert found["verdict"] == "refused"
    assert found["kernel"] == {"release": "6.18.44", "capabilities": "full"}
    (finding,) = found["findings"]
    assert (finding["rule"], finding["id"], finding["insn"]) == ("packet-bounds", "BD101", 17)
    assert finding["location"]["line"] == 24 and finding["location"]["column"] == 11
    assert finding["root_cause"]["insn"] == 15
    assert finding["raw"][1] == "R1 offset is outside of the packet"
    assert finding["facts"] == reports.FACTS
    (fix,) = finding["fixes"]
    assert fix["diff"].startswith("--- a/pkt.bpf.c\n+++ b/pkt.bpf.c\n@@ ")
    assert fix["outcome"]["status"] == "loads" and fix["outcome"]["insns"] == 26


def test_lines_are_the_same_reports_one_by_one() -> None:
    made = [make() for make in reports.ALL]
    lines = [json.loads(line) for line in render(made, "jsonl").splitlines()]
    bare = [{key: line[key] for key in line if key != "schema"} for line in lines]
    whole = document(*made)
    assert bare == [*whole["reports"], {"hidden": whole["hidden"]}]
    assert {line["schema"] for line in lines} == {1}


def test_nothing_in_the_text_can_steer_a_terminal() -> None:
    bad = "x\x1b[2J\x9b0m\u2028\ud800\x7f"
    text = render([reports.report(reports.diagnosis(message=bad))], "json")
    text.encode("utf-8")
    assert not set(text) & set("\x1b\x9b\u2028\x7f")
    assert json.loads(text)["reports"][0]["findings"][0]["message"] == bad


def test_what_could_not_be_examined_is_in_the_document() -> None:
    failures = [Unexamined("x.c", Problem("there is no clang", "apt-get install clang"))]
    assert document(failures=failures)["problems"] == [
        {"source": "x.c", "message": "there is no clang", "ways_out": ["apt-get install clang"]}
    ]
