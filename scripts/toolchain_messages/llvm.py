"""LLVM's BPF back end and clang's BPF checks: the texts in their source, or in the library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.toolchain_messages import lexical
from scripts.toolchain_messages.bcc import strings
from scripts.toolchain_messages.found import Found

# function -> what clang prints before its text
_CALLS = {
    "fail": "error: ",
    "Error": "error: ",
    "DiagnosticInfoUnsupported": "error: ",
    "reportError": "error: ",
    "reportWarning": "warning: ",
    "report_fatal_error": "fatal error: error in backend: ",
    "reportFatalUsageError": "fatal error: error in backend: ",
    "reportFatalInternalError": "fatal error: error in backend: ",
}
# `DiagnosticInfoUnsupported DiagStackSize(F, "…")` declares a variable
_NAMES = "|".join(_CALLS) + r"|DiagnosticInfoUnsupported\s+\w+"
# Texts that reach a call through a variable
_VARIABLE = re.compile(
    r"\b(?:const char \*|StringRef |std::string |Twine |auto )?(?:Msg|err_msg|Report)\s*=\s*"
)
_DIAGNOSTIC = re.compile(
    r"def (?P<level>err|warn)_\w*(?:bpf|btf|preserve_\w+_info|preserve_enum)\w*"
    r"\s*:\s*\w+\s*<\s*(?P<text>\"[^>]*?)>"
)


def source(version: str, folder: Path) -> Iterator[Found]:
    """What the BPF back end refuses to compile, and what clang says of BPF's builtins."""
    for file in sorted((folder / "llvm/lib/Target/BPF").rglob("*.cpp")):
        name = str(file.relative_to(folder))
        # DiagnosticInfoUnsupported is made with braces as well
        text = lexical.without_comments(file.read_text(encoding="utf-8"))
        text = re.sub(r"(DiagnosticInfoUnsupported)\s*\{([^{}]*)\}", r"\1(\2)", text)
        for call in lexical.calls(text, _NAMES):
            for argument in call.arguments:
                format = lexical.template(argument)
                if format and _says_something(format):
                    yield Found("llvm", version, _CALLS[call.name.split()[0]] + format.rstrip("\n"), name)
                    break
        for match in _VARIABLE.finditer(text):
            format = lexical.template(text[match.end() : text.find(";", match.end())])
            if format and _says_something(format):
                yield Found("llvm", version, "error: " + format, name)
    for file in sorted((folder / "clang/include/clang/Basic").glob("Diagnostic*.td")):
        for match in _DIAGNOSTIC.finditer(file.read_text(encoding="utf-8")):
            format = lexical.template(match["text"])
            if format:
                kind = "warning" if match["level"] == "warn" else "error"
                yield Found("llvm", version, f"{kind}: {format}", file.name, kind)


def binary(version: str, library: Path, known: dict[str, Found]) -> Iterator[Found]:
    """Which of the texts known from other versions a libLLVM still holds."""
    held = "\0".join(strings(library))
    for format in sorted(known):
        pieces = [piece for piece in re.split(r"%\w|%\d", format.split(": ", 1)[1]) if len(piece) > 8]
        pieces = [piece.removeprefix("error in backend: ") for piece in pieces]
        if pieces and all(piece in held for piece in pieces):
            yield Found("llvm", version, format, known[format].file, known[format].kind, how="binary")


def _says_something(format: str) -> bool:
    return " " in format and bool(re.search("[a-z]{3}", format))
