"""Writes bpfdoctor/kernel/libbpf.json: which release of libbpf brought a macro, a function or a section.

Reads the tags of a clone of libbpf: python -m scripts.libbpf_since path/to/libbpf/.git
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

OUTPUT = Path(__file__).parent.parent / "bpfdoctor/kernel/libbpf.json"
HEADERS = (
    "bpf_helpers.h",
    "bpf_tracing.h",
    "bpf_core_read.h",
    "bpf_endian.h",
    "usdt.bpf.h",
    "bpf_helper_defs.h",
)
# What a header defines: a macro, a helper, an inline function, a kfunc.
_DEFINED = re.compile(
    r"^#\s*define\s+(\w+)|^static\s[^;=(]*\(\*\s*(?:const\s+)?(\w+)\)|^(?:static|extern)\s[^;={(]*?\b(\w+)\s*\(",
    re.M,
)
_SECTION = re.compile(r'SEC_DEF\("([^"]+)"|^#define \w+_SEC "(\.[\w.]+)"', re.M)
_SECTIONS_SINCE = (0, 7)  # before, the table in libbpf.c had another form


Release = tuple[int, int]


def git(repository: str, *command: str) -> str:
    """What git prints; "" where it fails (a file that a release does not have)."""
    done = subprocess.run(
        ["git", "--git-dir", repository, *command], capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else ""


def releases(repository: str) -> dict[Release, str]:
    """The first tag of each minor release, oldest first."""
    found: dict[Release, str] = {}
    for tag in git(repository, "tag", "--sort=v:refname").split():
        if match := re.fullmatch(r"v(\d+)\.(\d+)(?:\.\d+)?", tag):
            found.setdefault((int(match[1]), int(match[2])), tag)
    return dict(sorted(found.items()))


def main(repository: str) -> None:
    """Compare each release with those before it."""
    macros: dict[str, Release] = {}
    sections: dict[str, Release] = {}
    for release, tag in releases(repository).items():
        for header in HEADERS:
            for names in _DEFINED.findall(git(repository, "show", f"{tag}:src/{header}")):
                macros.setdefault("".join(names), release)
        for section in _SECTION.findall(git(repository, "show", f"{tag}:src/libbpf.c")):
            sections.setdefault("".join(section).rstrip("+/"), release)
    rows = [
        {kind: name, "since": ".".join(map(str, since))}
        for kind, found, oldest in (("name", macros, (0, 5)), ("section", sections, _SECTIONS_SINCE))
        for name, since in sorted(found.items())
        if since >= oldest
    ]
    OUTPUT.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    print(f"{OUTPUT}: {len(rows)} rows, up to {tag}")


if __name__ == "__main__":
    main(sys.argv[1])
