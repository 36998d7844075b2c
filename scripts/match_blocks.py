"""Prints the [[match]] blocks for a group of the kernel's messages, ready to be put into a rule's head.

    python -m scripts.match_blocks TOPIC [WORDS …]     formats of the topic ("all") with one of the words

Templates come from the formats in corpus/messages.json, values are named after what the format prints there,
examples are the same renderings that `make coverage` asks about. Only formats that no rule takes yet.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

from bpfdoctor import catalogue
from bpfdoctor.catalogue.template import TemplateError, bind, compile_template
from scripts.coverage import HERE, known
from scripts.kernel_messages.fillings import CONVERSION
from scripts.kernel_messages.render import Statement, statements

# What the list calls a string, and the kind of value that takes it.
_KINDS = {
    "reg": "arg", "helper": "name", "kfunc": "name", "func": "name", "map": "text", "member": "name",
    "tnum": "tnum", "file": "path", "name": "name", "letter": "word", "field": "name",
}  # fmt: skip


def template(format: str, strings: list[str | list[str]]) -> str:
    """The template of a format: each conversion becomes a value."""
    named = iter(strings)
    used: dict[str, int] = {}

    def value(found: str) -> str:
        if found == "%%":
            return "%"
        what = next(named, "text") if found.endswith("s") else "number"
        if isinstance(what, list):  # one of these words
            what = "text"
        kind = _KINDS.get(what, "text") if found.endswith("s") else "hex" if found[-1] in "xXp" else "int"
        used[what] = used.get(what, 0) + 1
        name = what.replace("-", "_") + (str(used[what]) if used[what] > 1 else "")
        return f"{{{name if name not in dir(dict) else name + '_'}:{kind}}}"

    pieces, end = [], 0
    for found in CONVERSION.finditer(format):
        pieces += [format[end : found.start()].replace("{", "\\{").replace("}", "\\}"), value(found[0])]
        end = found.end()
    return "".join([*pieces, format[end:].replace("{", "\\{").replace("}", "\\}")]).rstrip("\n")


def blocks(topic: str, words: list[str]) -> Iterator[str]:
    """One [[match]] per format that is still open, with the renderings that it really takes as examples."""
    listing = json.loads((HERE / "corpus" / "messages.json").read_text())
    strings = {message["format"]: message.get("strings", []) for message in listing["messages"]}
    rules = catalogue.load()
    for each in statements(listing):
        wanted = topic in (each.topic, "all") and (not words or any(word in each.name for word in words))
        if wanted and each.name in strings and each.kind not in {"info", "report"} and not known(rules, each):
            yield _block(each, template(each.name, strings.get(each.name, [])))


def _block(each: Statement, text: str) -> str:
    lines = text.split("\n")
    try:
        compiled = [compile_template(line) for line in lines]
    except TemplateError as error:
        return f"# write by hand ({error}): {each.name!r}\n#   {each.examples[:2]}\n"
    taken = [
        example
        for example in each.examples
        if len(example.split("\n")) == len(lines)
        and all(bind(c, line) is not None for c, line in zip(compiled, example.split("\n"), strict=True))
    ]
    quoted = json.dumps(lines, ensure_ascii=False)
    shown = f"examples = {json.dumps(taken[:2], ensure_ascii=False)}" if taken else "# no example fits: look"
    return f"[[match]] # {each.kernels[0]}..{each.kernels[-1]}\nlines = {quoted}\n{shown}\n"


if __name__ == "__main__":
    print("\n".join(blocks(sys.argv[1], sys.argv[2:])))
