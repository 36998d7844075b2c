"""Which release of libbpf brought a macro, function or section (libbpf.json, by scripts.libbpf_since)."""

from __future__ import annotations

from functools import cache

from bpfdoctor.kernel.table import rows

_WHOLE = ("netfilter", "xdp.frags")  # nothing may follow a slash


@cache
def names() -> dict[str, str]:
    """What libbpf's headers define -> the release that brought it: {"bpf_for": "1.2"}; nothing before 0.5."""
    return {row["name"]: row["since"] for row in rows("libbpf") if "name" in row}


def section_since(section: str) -> str | None:
    """The release that brought a section: "1.3" of "usdt.s"; None before 0.5, or where there is none."""
    known = {row["section"]: row["since"] for row in rows("libbpf") if "section" in row}
    kind = section.split("/", maxsplit=1)[0]
    return known.get(section) or (None if kind in _WHOLE else known.get(kind))


def number(version: str) -> tuple[int, ...]:
    """A version, to compare: 1.10 is after 1.9."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
