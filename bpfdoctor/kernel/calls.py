"""What a call does, helper or kfunc, by the name that logs print."""

from __future__ import annotations

from bpfdoctor.kernel import helpers, kfuncs


def moves_packet(name: str) -> bool:
    """Whether every pointer into the packet is forgotten after it."""
    helper, kfunc = helpers.every().get(name), kfuncs.every().get(name)
    return helper.moves_packet if helper else kfunc is not None and kfunc.moves_packet


def released_argument(name: str) -> int:
    """The argument whose reference ends, counted from 1; 0 for none.

    Kernels do not say which one a kfunc releases: it is the first of each that we know. Of a kfunc that only
    a module or a later kernel has, the name decides.
    """
    if helper := helpers.every().get(name):
        return helper.releases
    kfunc = kfuncs.every().get(name)
    return int(kfunc.releases if kfunc else name.endswith("_release"))


def released_by(name: str) -> tuple[str, ...]:
    """The functions that end the reference it returns, the one that takes nothing but the pointer first."""
    found = helpers.every().get(name) or kfuncs.every().get(name)
    return found.released_by if found else ()
