"""Small catalogues written into a folder: what the tests of the engine match against."""

from __future__ import annotations

from pathlib import Path

from bpfdoctor.catalogue import Catalogue, store

HEAD = """\
id = "{id}"
title = "{name} is what this is about"
category = "Memory Safety"
{matches}
[always]
headline = "h"
wants = "w"
has = "a"

[[fix]]
title = "t"
example = "+x"
"""
PAGE = """\
A sentence.

## What the verifier wants
## Fails
{{ program("packet-bounds/udp-after-ip-check/prog.bpf.c") }}

## Loads
## When this advice does not fit
## More
"""


def match(*lines: str, **keys: object) -> str:
    """One [[match]]; `examples` default to nothing."""
    written = "".join(f"{key} = {_toml(value)}\n" for key, value in keys.items())
    return f"[[match]]\nlines = [{', '.join(map(_toml, lines))}]\n{written}"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f"'''{value}'''"


def write(folder: Path, *rules: tuple[str, str, str], remarks: tuple[str, ...] = ()) -> Path:
    """A folder of rules (topic/name, id, [[match]] entries) with its list of ids and its remarks."""
    listed = []
    for path, id_, matches in rules:
        topic, _, name = path.partition("/")
        (folder / topic).mkdir(parents=True, exist_ok=True)
        head = HEAD.format(id=id_, name=name, matches=matches)
        (folder / topic / f"{name}.md").write_text(f"+++\n{head}+++\n{PAGE}")
        listed.append(f"{id_}  {name}")
    (folder / "ids.txt").write_text("\n".join(listed) + "\n")
    lines = ", ".join(map(_toml, remarks))
    (folder / "remarks.toml").write_text(f"[all]\nlines = [{lines}]\n")
    return folder


def catalogue(folder: Path, *rules: tuple[str, str, str], remarks: tuple[str, ...] = ()) -> Catalogue:
    written = write(folder, *rules, remarks=remarks)
    return Catalogue(store.compile_folder(written), written)
