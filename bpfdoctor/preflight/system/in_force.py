"""Under sudo bpfdoctor is the user who called it, without rights in force; here they are, for reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bpfdoctor import rights


@contextmanager
def rights_in_force() -> Iterator[None]:
    """Inside, this process may read what root may (rights.LOADING); the kernel's own files only."""
    held = rights.permitted() if rights.as_whom() else frozenset()
    if not held:
        yield
        return
    rights.set_capabilities(held, held, inheritable=frozenset())
    try:
        yield
    finally:
        rights.set_capabilities(frozenset(), held, inheritable=frozenset())
