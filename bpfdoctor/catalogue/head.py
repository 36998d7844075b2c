"""How the file of a rule is read and checked: a TOML head between +++ lines, then the page in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bpfdoctor import linux_errno
from bpfdoctor.catalogue.condition import ConditionError
from bpfdoctor.catalogue.condition import check as check_condition
from bpfdoctor.catalogue.schema import NO_ERRNO, RuleError
from bpfdoctor.catalogue.sentence import SentenceError, parse
from bpfdoctor.catalogue.template import TemplateError, compile_template
from bpfdoctor.catalogue.words import MESSAGE, TABLES, words_mistakes
from bpfdoctor.model.diagnosis import Category, Layer, Safety, Severity
from bpfdoctor.model.failure import Step
from bpfdoctor.pattern import later

FENCE = "+++"
_ID = later(r"BD[0-9]\d{2,3}")
_NAME = later(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_STAGES = ("verifier", "compiler", "loader")
_KEYS = {
    "": (
        "id",
        "title",
        "category",
        "layer",
        "severity",
        "since",
        "before",
        "match",
        "evidence",
        "always",
        *TABLES,
        "usual",
        "fix",
        "advice",
        "classified",
    ),
    "match": ("lines", "when", "stage", "errno", "priority", "summary", "decides", "examples", "message"),
    "evidence": ("use", "shared"),
    "usual": ("cause", "because", "when"),
    "advice": ("step", "kinds", "errnos", "words", "means", "next", "source", "classified", "examples"),
    "fix": ("name", "use", "title", "why", "safety", "code", "example", "only_placed"),
}


def split(text: str, file: str) -> tuple[str, str]:
    """Head and body of a rule's file. Raises RuleError."""
    lines = text.splitlines(keepends=True)
    fences = [number for number, line in enumerate(lines) if line.rstrip() == FENCE]
    if len(fences) < 2 or fences[0] != 0:
        raise RuleError([f"{file}: the file must begin with its head between two lines of {FENCE}"])
    return "".join(lines[1 : fences[1]]), "".join(lines[fences[1] + 1 :]).lstrip("\n")


def read_head(text: str, file: str) -> dict[str, Any]:
    """The head as plain values, checked. Raises RuleError with everything that is wrong in it."""
    import tomllib

    head_text, _ = split(text, file)
    try:
        head = tomllib.loads(head_text)
    except tomllib.TOMLDecodeError as error:
        where = "line 1 of the head is line 2 of the file"
        raise RuleError([f"{file}: the head is not TOML: {error} ({where})"]) from None
    if wrong := [f"{file}: {sentence}" for sentence in _mistakes(head)]:
        raise RuleError(wrong)
    return head


def _mistakes(head: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(head, "", "")
    for key in ("id", "title", "category"):
        if not isinstance(head.get(key), str) or not head[key].strip():
            yield f"{key} is missing or not a string"
    yield from _tables(head)
    if isinstance(head.get("id"), str) and not _ID.fullmatch(head["id"]):
        yield f"id {head['id']!r} is not BD and three or four digits"
    if isinstance(head.get("title"), str) and head["title"].endswith("."):
        yield "title ends with a full stop; it is shown inside a line"
    for key, kind in (("category", Category), ("layer", Layer), ("severity", Severity)):
        if key in head:
            yield from _one_of(head[key], [str(value) for value in kind], key)
    for key in ("since", "before"):
        if not isinstance(head.get(key, ""), str):
            yield f"{key} is not a string"
    for number, entry in enumerate(_entries(head, "match"), 1):
        yield from _match_mistakes(entry, f"[[match]] {number}")
    for number, entry in enumerate(_entries(head, "fix"), 1):
        yield from _fix_mistakes(entry, f"[[fix]] {number}")
    for number, entry in enumerate(_entries(head, "usual"), 1):
        yield from _usual_mistakes(entry, f"[[usual]] {number}")
    for number, entry in enumerate(_entries(head, "advice"), 1):
        yield from _advice_mistakes(entry, f"[[advice]] {number}")
    if not isinstance(head.get("classified", False), bool):
        yield "classified is not true or false"
    evidence = head.get("evidence", {})
    if isinstance(evidence, dict):
        yield from _unknown(evidence, "evidence", "[evidence]: ")
        yield from _strings(evidence, ("use", "shared"), "[evidence]")
    yield from words_mistakes(head, {each.get("name", each.get("use")) for each in _entries(head, "fix")})


def _tables(head: Mapping[str, Any]) -> Iterator[str]:
    for key, form in (
        ("evidence", dict),
        ("always", dict),
        *((kind, dict) for kind in TABLES),
        ("match", list),
        ("usual", list),
        ("fix", list),
        ("advice", list),
    ):
        if not isinstance(head.get(key, form()), form):
            yield f"{key} is written [{key}]" if form is dict else f"{key} is written [[{key}]]"


def _entries(head: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    entries = head.get(key, [])
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _match_mistakes(entry: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _unknown(entry, "match", f"{where}: ")
    lines = entry.get("lines", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        yield f"{where}: lines is not a list of strings"
        lines = []
    if not lines and "errno" not in entry:
        yield f"{where}: it has neither lines nor errno"
    bound: set[str] = set()
    for number, line in enumerate(lines, 1):
        try:
            bound.update(name for name, _ in compile_template(line).fields)
        except TemplateError as error:
            yield f"{where}: lines {number} {line!r}: {error}"
    yield from _condition_mistakes(entry.get("when", []), bound, where)
    if not isinstance(entry.get("message", MESSAGE), str):
        yield f"{where}: message is not a string"
    if "stage" in entry:
        yield from _one_of(entry["stage"], _STAGES, f"{where}: stage")
    errno = entry.get("errno", "EPERM")
    if errno not in linux_errno.NUMBERS:
        yield f'{where}: errno {errno!r} is not the name of one, like "EPERM"'
    if type(entry.get("priority", 0)) is not int:
        yield f"{where}: priority is not a whole number"
    for key in ("summary", "decides"):
        if not isinstance(entry.get(key, False), bool):
            yield f"{where}: {key} is not true or false"
    examples = entry.get("examples", [])
    if not isinstance(examples, list) or not all(isinstance(one, str) and one.strip() for one in examples):
        yield f"{where}: examples is not a list of strings, one error block each"


def _condition_mistakes(conditions: object, bound: set[str] | None, where: str) -> Iterator[str]:
    if not isinstance(conditions, list) or not all(isinstance(one, str) for one in conditions):
        yield f"{where}: when is not a list of strings"
        return
    for condition in conditions:
        try:
            used = check_condition(condition)
        except ConditionError as error:
            yield f"{where}: when: {error}"
            continue
        if bound is not None and (unbound := used - bound):
            yield f"{where}: when: {condition!r} speaks of {min(unbound)}, which lines does not bind"


def _fix_mistakes(entry: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _unknown(entry, "fix", f"{where}: ")
    yield from _strings(entry, ("name", "use", "title", "why", "code", "example"), where)
    if not entry.get("title"):
        yield f"{where}: title is missing"
    for key in ("title", "why"):
        if isinstance(entry.get(key), str):
            try:
                parse(entry[key])
            except SentenceError as error:
                yield f"{where}: {key}: {error}"
    if "safety" in entry:
        yield from _one_of(entry["safety"], [str(value) for value in Safety], f"{where}: safety")
    if not isinstance(entry.get("only_placed", False), bool):
        yield f"{where}: only_placed is not true or false"
    example = entry.get("example")
    if entry.get("only_placed") and entry.get("use"):
        if example is not None:
            yield f"{where}: example is never shown: the fix is only_placed"
    elif not isinstance(example, str) or not example.strip():
        yield f"{where}: example is missing; it is what a user without source at hand sees"
    elif odd := [line for line in example.strip("\n").splitlines() if line and line[0] not in "+- {"]:
        yield f"{where}: example line {odd[0]!r} does not start with +, - or a space"


def _usual_mistakes(entry: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _unknown(entry, "usual", f"{where}: ")
    yield from _strings(entry, ("cause", "because"), where)
    yield from _condition_mistakes(entry.get("when", []), None, where)
    for key in ("cause", "because"):
        text = entry.get(key)
        if not text:
            yield f"{where}: {key} is missing"
        elif isinstance(text, str) and ("{{" in text or "{%" in text):
            yield f"{where}: {key} is shown by `explain` too, so it is plain text; conditions go into when"


def _advice_mistakes(entry: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _unknown(entry, "advice", f"{where}: ")
    yield from _one_of(entry.get("step"), [str(step) for step in Step], f"{where}: step")
    for key in ("means", "next", "source"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            yield f"{where}: {key} is missing or not a string"
    for key in ("kinds", "errnos", "words", "examples"):
        values = entry.get(key, [])
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            yield f"{where}: {key} is not a list of strings"
        elif key == "errnos":
            for name in values:
                if name not in ("ENOTSUPP", NO_ERRNO, *linux_errno.NUMBERS):
                    yield f'{where}: errno {name!r} is not the name of one, like "EPERM"'
        elif key == "words" and any(one != one.lower() for one in values):
            yield f"{where}: words are lower case"
    if not isinstance(entry.get("classified", False), bool):
        yield f"{where}: classified is not true or false"


def _unknown(entry: Mapping[str, Any], table: str, where: str) -> Iterator[str]:
    for key in entry:
        if key not in _KEYS[table]:
            yield f"{where}unknown key {key!r}; keys are {', '.join(_KEYS[table])}"


def _strings(entry: Mapping[str, Any], keys: Any, where: str) -> Iterator[str]:
    for key in keys:
        if not isinstance(entry.get(key, ""), str):
            yield f"{where}: {key} is not a string"


def _one_of(value: object, allowed: Any, where: str) -> Iterator[str]:
    if value not in allowed:
        yield f"{where} {value!r} is not one of {', '.join(allowed)}"


def is_rule_name(name: str) -> bool:
    """Lower case words with dashes: packet-bounds."""
    return _NAME.fullmatch(name) is not None
