"""Runs in Pyodide when the site is made: compiles the engine, and the parts of Python that it needs.

`/in/engine` has sources of modules; `/out` gets engine.pack, which site/src/engine.js unpacks: a line of JSON
with the name and length of each file, then their bytes, all of it gzipped.
"""

import ast
import gzip
import importlib.util
import json
import marshal
import os
import sys
import zipfile
from collections.abc import Iterator

LIBRARY = "/lib/python314.zip"
# Where the files will be in the page's Pyodide: single ones, which it finds faster than in a zip.
ENGINE = "/engine"
PYTHON = "/lib/python3.14"
# What programs ask for by a name in a string: texts of other encodings than these are repaired as bytes.
ENCODINGS = ("utf_8", "utf_8_sig", "utf_16", "utf_16_le", "utf_16_be", "latin_1", "ascii", "unicode_escape",
             "raw_unicode_escape")  # fmt: skip


def compiled(source: bytes, name: str) -> bytes:
    """The content of a .pyc file that is never compared with its source. Docstrings and asserts stay away."""
    code = compile(source, name, "exec", dont_inherit=True, optimize=2)
    return importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(code)


def pack(folder: str) -> None:
    """Writes engine.pack, and python_stdlib.zip with nothing in it: Pyodide wants one."""
    files: list[tuple[str, bytes]] = []
    wanted: set[str] = set()
    for path in sorted(_files(folder)):
        name = os.path.relpath(path, folder)
        with open(path, "rb") as file:
            data = file.read()
        if name.endswith(".py"):
            wanted |= _imports(data, *_module(name), inside=True)
            name, data = name + "c", compiled(data, name)
        files.append((f"{ENGINE}/{name}", data))
    files += library(wanted)
    index = json.dumps([[name, len(data)] for name, data in files]).encode() + b"\n"
    with open("/out/engine.pack", "wb") as out:
        out.write(gzip.compress(index + b"".join(data for _, data in files), 9, mtime=0))
    zipfile.ZipFile("/out/python_stdlib.zip", "w").close()


def library(wanted: set[str]) -> Iterator[tuple[str, bytes]]:
    """Python's own modules: what is loaded now, what is wanted, and what these import at their top."""
    with zipfile.ZipFile(LIBRARY) as archive:
        known = {_module(name)[0]: name for name in archive.namelist() if name.endswith(".py")}
        waiting = [*sys.modules, *wanted, *(f"encodings.{name}" for name in ENCODINGS)]
        found: set[str] = set()
        while waiting:
            module = waiting.pop()
            if module in known and module not in found:
                found.add(module)
                waiting.append(module.rpartition(".")[0])
                waiting += _imports(archive.read(known[module]), *_module(known[module]), inside=False)
        for module in sorted(found):
            name = known[module]
            yield f"{PYTHON}/{name}c", compiled(archive.read(name), name)


def _files(folder: str) -> Iterator[str]:
    for parent, _, names in os.walk(folder):
        yield from (os.path.join(parent, name) for name in names)


def _module(name: str) -> tuple[str, bool]:
    """json/decoder.py: json.decoder, and that it is no package."""
    dotted = name.removesuffix(".py").replace("/", ".")
    return dotted.removesuffix(".__init__"), dotted.endswith(".__init__")


def _imports(source: bytes, module: str, is_package: bool, inside: bool) -> set[str]:
    """What a module imports; `inside` its functions, too."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module if is_package else module.rpartition(".")[0]
            for _ in range(node.level - 1):
                base = base.rpartition(".")[0]
            origin = ".".join(part for part in (base if node.level else "", node.module) if part)
            found.update((origin, *(f"{origin}.{alias.name}" for alias in node.names)))
        elif isinstance(node, ast.If) and _is_never(ast.unparse(node.test)):
            waiting += node.orelse
        elif inside or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
    return found


def _is_never(test: str) -> bool:
    """Whether a test is false where a module is imported and run."""
    return test in ("__name__ == '__main__'", "TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING",
                    "sys.platform == 'win32'")  # fmt: skip


pack("/in/engine")
