"""The licences under which a program may call what is for GPL-compatible programs only."""

from __future__ import annotations

# license_is_gpl_compatible(), include/linux/license.h.
_COMPATIBLE = frozenset(
    {"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL"}
)


def is_gpl(declared: str) -> bool:
    """Whether the kernel takes what an object's section `license` says."""
    return declared in _COMPATIBLE
