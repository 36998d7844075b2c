"""Writes bpfdoctor/kernel/tracepoints.json: which options of the kernel each tracepoint is compiled with.

    python -m scripts.tracepoint_options LINUX_SOURCE

A tracepoint is compiled with the file that says CREATE_TRACE_POINTS before it includes the header
of the tracepoint. With which options that file is compiled, the Makefiles from the top to its
folder say; a header may leave out single tracepoints by #ifdef. What this does not understand
(#else, other conditions) is left out, so that a row names options that the tracepoint does need,
and maybe not all.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from bpfdoctor import kernel

TABLE = Path(kernel.__file__).parent / "tracepoints.json"
_SYSTEM = re.compile(r"^\s*#\s*define\s+TRACE_SYSTEM\s+(\w+)", re.MULTILINE)
_EVENT = re.compile(r"^\s*(TRACE_EVENT\w*|DEFINE_EVENT\w*)\s*\(\s*(\w+)\s*(?:,\s*(\w+))?", re.ASCII)
_ALIAS = re.compile(r"^\s*#\s*define\s+(\w+)\s+DEFINE_EVENT\s*$")
_IF = re.compile(r"^\s*#\s*if(def|ndef)?\s+(.*)")
_OPTION = re.compile(r"^(?:defined\s*\(\s*|IS_ENABLED\s*\(\s*)?CONFIG_(\w+)\s*\)?$")
_INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([\w/.-]+)[>"]', re.MULTILINE)
_RULE = re.compile(r"^([\w-]+?)-(?:\$\(CONFIG_(\w+)\)|(y|objs))\s*[:+]?=\s*(.*)$")
_SYSCALLS = "FTRACE_SYSCALLS"  # kernel/trace/trace_syscalls.c makes the tracepoints of system calls by itself


def events(header: str) -> Iterator[tuple[str, frozenset[str]]]:
    """(name, options that the header itself asks for) of each tracepoint in it."""
    conditions: list[str | None] = []
    aliases: dict[str, frozenset[str]] = {}
    for line in header.splitlines():
        if found := _IF.match(line):
            option = _OPTION.match(found[2].split("/*")[0].strip()) if found[1] != "ndef" else None
            conditions.append(option[1] if option else None)
        elif re.match(r"\s*#\s*el", line) and conditions:
            conditions[-1] = None
        elif re.match(r"\s*#\s*endif", line) and conditions:
            conditions.pop()
        options = frozenset(each for each in conditions if each)
        if alias := _ALIAS.match(line):
            aliases.setdefault(alias[1], options)
        elif event := _EVENT.match(line):
            macro, first, second = event.groups()
            name = second if macro.startswith("DEFINE_EVENT") else first
            if name and name not in ("name", "_name"):  # of a header's own macros
                yield name, options | aliases.get(macro, frozenset())


@cache
def rules(folder: Path) -> tuple[tuple[str, str | None, tuple[str, ...]], ...]:
    """(what is built, the option, its parts) of each line of a folder's Makefile."""
    path = next((folder / name for name in ("Kbuild", "Makefile") if (folder / name).is_file()), None)
    text = path.read_text(errors="replace").replace("\\\n", " ") if path else ""
    found = (_RULE.match(line.split("#")[0].rstrip()) for line in text.splitlines())
    return tuple((each[1], each[2], tuple(each[4].split())) for each in found if each)


def built_with(folder: Path, part: str, top: Path, depth: int = 0) -> frozenset[str] | None:
    """The options without which an object or a folder is not built; None where no rule is found."""
    ways = []
    for target, option, parts in rules(folder):
        if part not in parts or depth > 8:
            continue
        own = frozenset({option}) if option else frozenset()
        if target in ("obj", "lib"):
            above = frozenset() if folder == top else built_with(folder.parent, f"{folder.name}/", top)
        else:
            above = built_with(folder, f"{target}.o", top, depth + 1)
        ways.append(own | (above or frozenset()))
    return frozenset.intersection(*ways) if ways else None


def shortened(found: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, frozenset[str]]]:
    """One row for a category (`nfs:*`) with what all of it needs, and one for each event that needs more."""
    for category in sorted({event.partition(":")[0] for event in found}):
        own = {event: options for event, options in found.items() if event.partition(":")[0] == category}
        common = frozenset.intersection(*own.values())
        if common:
            yield f"{category}:*", common
        more = {event: options - common for event, options in own.items() if options - common}
        yield from ((event, common | options) for event, options in sorted(more.items()))


def main(top: Path) -> None:
    headers = {}
    for path in sorted(top.rglob("*.h")):
        if not path.is_relative_to(top / "samples") and not path.is_relative_to(top / "tools"):
            text = path.read_text(errors="replace")
            if "TRACE_SYSTEM" in text and (system := _SYSTEM.search(text)):
                headers[path] = (system[1], dict(events(text)))
    by_name: dict[str, list[Path]] = {}
    for path in headers:
        by_name.setdefault(path.name, []).append(path)
    needed: dict[str, list[frozenset[str]]] = {}
    for path in sorted(top.rglob("*.c")):
        text = path.read_text(errors="replace")
        if "CREATE_TRACE_POINTS" not in text:
            continue
        options = built_with(path.parent, f"{path.stem}.o", top) or frozenset()
        for included in _INCLUDE.findall(text.partition("CREATE_TRACE_POINTS")[2]):
            for header in by_name.get(Path(included).name, ()):
                if str(header).endswith(f"/{included.lstrip('./')}") or header.parent == path.parent:
                    category, names = headers[header]
                    for name, own in names.items():
                        needed.setdefault(f"{category}:{name}", []).append(own | options)
    found = {event: frozenset.intersection(*ways) for event, ways in needed.items()}
    found["syscalls:*"] = frozenset({_SYSCALLS})
    table = [{"event": event, "options": sorted(options)} for event, options in shortened(found)]
    TABLE.write_text("[\n" + ",\n".join(map(json.dumps, table)) + "\n]\n")
    print(f"{len(table)} rows, {len(found)} tracepoints")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
