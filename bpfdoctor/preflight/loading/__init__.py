"""What keeps a machine from loading a program: rights, options, settings, mounts, headers.

A module has `look(hook, wants, system)`, which yields what it can show; none says anything of what is well,
or of what a program does not want.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, Remark
from bpfdoctor.preflight.loading import options, places, rights, settings
from bpfdoctor.preflight.system import System


def look(hook: Hook, system: System) -> Iterator[Cause | Remark]:
    """All that is known to keep the program of a hook from being loaded."""
    if hook.wants is not None:
        for each in (options, rights, settings, places):
            yield from each.look(hook, hook.wants, system)
