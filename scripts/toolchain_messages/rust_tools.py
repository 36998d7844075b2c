"""aya and libbpf-rs: the errors that their Rust makes, with Rust's braces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.toolchain_messages import lexical
from scripts.toolchain_messages.found import Found

_CALLS = (
    r"bail|anyhow|format_err|ensure|context|with_context|ok_or_\w+"
    r"|Error::with_\w+|Error::from_raw_os_error|io::Error::new|Error::new|Error::other"
)
_ATTRIBUTE = r"error"  # thiserror's #[error("…")]
_WARNINGS = r"warn|error"


def rust(tool: str, version: str, folder: Path) -> Iterator[Found]:
    """All error texts of a crate; tests, examples and build scripts are left out."""
    for file in sorted(folder.rglob("*.rs")):
        name = str(file.relative_to(folder))
        if re.search(r"(^|/)(tests?|examples|benches)/|build\.rs$|/tests?\.rs$", name):
            continue
        text = _without_tests(lexical.without_comments(file.read_text(encoding="utf-8")))
        for call in lexical.calls(text, _CALLS):
            yield from _texts(tool, version, name, call, "error")
        for match in re.finditer(r"#\[error\(", text):
            for call in lexical.calls(text[match.start() + 2 :][:2000], _ATTRIBUTE):
                yield from _texts(tool, version, name, call, "error")
                break
        for call in lexical.calls(text, _WARNINGS):
            if "!" in text[call.offset : call.offset + len(call.name) + 2]:
                yield from _texts(tool, version, name, call, "warning")


def _texts(tool: str, version: str, name: str, call: lexical.Call, kind: str) -> Iterator[Found]:
    # the text is the first argument that begins with one: `Error::new(kind, "text")`, `ensure!(x, "text")`;
    # what another of these calls holds is read there
    for argument in call.arguments:
        expression = _inner_format(re.sub(r"^(move\s+)?\|[^|]*\|\s*", "", argument))
        format = lexical.template(expression, "{}") if re.match(r'"|r#*"', expression) else None
        if format and re.search("[A-Za-z]{3}", format):
            yield Found(tool, version, format, name, kind)
            return


def _inner_format(argument: str) -> str:
    """`format!("text {x}", …)` is about its text."""
    if argument.startswith("format!"):
        for call in lexical.calls(argument, "format"):
            return call.arguments[0] if call.arguments else argument
    return argument


def _without_tests(text: str) -> str:
    while found := re.search(r"#\[cfg\(test\)\]\s*(pub )?mod \w+ \{", text):
        text = text[: found.start()] + text[lexical.block_end(text, found.end()) :]
    return text
