"""BCC: the texts inside of libbcc.so, and the exceptions of its Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from elftools.elf.elffile import ELFFile

from scripts.toolchain_messages.found import Found

# What an error says. libbcc.so also holds whole header files, option names and C++ symbols.
_COMPLAINS = re.compile(
    r"(?i)\b(can'?t|cannot|could not|couldn't|fail(ed|ure)?|error|invalid|unable|not"
    r"|unsupported|must|needs?|unknown"
    r"|too (many|large|big|long)|missing|no such|possible|possibly|only|expect\w*|hint"
    r"|exceed\w*|undefined|warning"
    r"|deprecated|bad|wrong|unexpected|unrecognized|should be|already|insufficient)\b|^bpf: "
)
_TEXT = re.compile(rb"[\t\n\x1b -~]{6,600}\0")
# Symbols, mangled names, assembly, headers, option lists, messages of the C++ library
_NO_MESSAGE = re.compile(
    r"^_Z|^[A-Za-z0-9_:<>~*&,]+$|#include|^#|__attribute__|SPDX|typedef|struct \w+ \{|^std::"
    r"|basic_string|vector"
    r"|^%s: __pos|^libbpf: |^lib/|/build/|\.cc?$|^[/.]\S+$|BPF program type|static inline|;\n"
)
# libstdc++'s regular expressions, LLVM's assertions, and BCC's first language, which nobody writes any more
_NOT_BCC = re.compile(
    r"&& \"|regular expression|regex|brace expression|bracket|[Bb]ack-reference"
    r"|character class|collate|equivalence"
    r"|Parenthesis|POSIX|tinyformat|implicit assumption|SmallVector|DataLayout|Debug Error|Allocation failed"
    r"|range in brace|Unexpected (end|escape)|Invalid (escape|special|character)|Character is expected"
    r"|numeric type|-hand side|packet header|[Ss]ubfield|Codegen error|Type error @|block statements|built-in"
    r"|argument%s|arguments?,? %z|for argument 1|at least 1 argument|Table (key |leaf )?type|invalid token"
    r"|has not been declared|is not a member of|vars_ table|not implemented|std::|NFA|flex"
    r"|scanner|ccpg|not ava\w"
    r"|unimple|bad (optional|attribute|exception)|back reference|unexpected case|character"
    r"|ItemKind|input stream"
    r"|^unknown type$|^invalid (mem access|stack off)|^unknown opcode$|^Parse error|/var/tmp"
    r"|snprintf:|^syntax error"
)


def library(version: str, folder: Path) -> Iterator[Found]:
    """Error-like texts of libbcc.so. C++ streams appear in pieces: `' is not a perf event array`."""
    file = next(path for path in sorted(folder.rglob("libbcc.so.0.*")) if not path.is_symlink())
    for text in strings(file):
        if (
            _NO_MESSAGE.search(text)
            or _NOT_BCC.search(text)
            or not _COMPLAINS.search(text)
            or " " not in text.strip()
        ):
            continue
        if len(text) > 400 and "HINT" not in text:
            continue
        kind = "hint" if text.startswith("HINT") else "warning" if re.match(r"(?i)warn", text) else "error"
        yield Found("bcc", version, text, "libbcc.so.0", kind, how="binary")


def strings(file: Path) -> Iterator[str]:
    """The NUL-terminated texts of an ELF file's constants."""
    with file.open("rb") as stream:
        for section in ELFFile(stream).iter_sections():
            if section.name.startswith(".rodata"):
                for match in _TEXT.finditer(section.data()):
                    yield match[0][:-1].decode("ascii")


def python(version: str, folder: Path) -> Iterator[Found]:
    """What bcc's Python raises and prints to stderr."""
    for file in sorted(folder.glob("usr/lib/python3/dist-packages/bcc/*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            values: list[ast.expr] = []
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                values = node.exc.args[:1]
            elif isinstance(node, ast.Call) and _to_stderr(node):
                values = node.args[:1]
            for value in values:
                format = _template(value)
                if format and re.search("[A-Za-z]{3}", format):
                    yield Found("bcc-python", version, format, file.name)


def _to_stderr(call: ast.Call) -> bool:
    return any(
        keyword.arg == "file" and isinstance(keyword.value, ast.Attribute) and keyword.value.attr == "stderr"
        for keyword in call.keywords
    )


def _template(value: ast.expr) -> str | None:
    """The text of `"…" % x`, `"…" + x`, an f-string or `"…".format(x)`, with %s for what is filled in."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mod):
        return _template(value.left)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        left, right = _template(value.left), _template(value.right)
        return None if left is None and right is None else (left or "%s") + (right or "%s")
    if isinstance(value, ast.JoinedStr):
        return "".join(_template(part) or "%s" for part in value.values)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "format":
        text = _template(value.func.value)
        return None if text is None else re.sub(r"\{[^{}]*\}", "%s", text)
    return None
