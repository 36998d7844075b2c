"""Which release of libbpf brought a macro, function or section (libbpf.json, by scripts.libbpf_since)."""

from __future__ import annotations

from functools import cache

from bpfdoctor.kernel.table import rows


@cache
def names() -> dict[str, str]:
    """What libbpf's headers define -> the release that brought it: {"bpf_for": "1.2"}; nothing before 0.5."""
    return {row["name"]: row["since"] for row in rows("libbpf") if "name" in row}


@cache
def sections() -> dict[str, str]:
    """A section's prefix -> the release that brought it: {"tcx/ingress": "1.3"}; nothing before 0.5."""
    return {row["section"]: row["since"] for row in rows("libbpf") if "section" in row}


def number(version: str) -> tuple[int, ...]:
    """A version, to compare: 1.10 is after 1.9."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
