"""What the kernel's headers, libbpf's and the kernels' BTF say to the lints (by scripts.kernel_headers)."""

from __future__ import annotations

import os
from functools import cache
from typing import Any


@cache
def _table() -> dict[str, Any]:
    import json  # most programs need nothing of it, and a start imports no more than it must

    with open(os.path.join(os.path.dirname(__file__), "from_headers.json"), "rb") as file:
        table: dict[str, Any] = json.load(file)
    return table


@cache
def kernels_own() -> frozenset[str]:
    """Names of structures whose layout is each kernel's own, and whose memory is always the kernel's."""
    return frozenset(_table()["structures"])


def register_macros() -> dict[str, str]:
    """Member of x86's struct pt_regs, by the kernel's names and by user space's -> PT_REGS_…"""
    macros: dict[str, str] = _table()["registers"]
    return macros


def is_gpl(declared: str) -> bool:
    """Whether what an object's section `license` says is enough for helpers that want the GPL."""
    return declared in _table()["licences"]
