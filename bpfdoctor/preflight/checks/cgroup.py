"""Programs of cgroups: a folder of a cgroup2 file system, which a loader names, or --cgroup."""

from __future__ import annotations

import os
from collections.abc import Iterator

from bpfdoctor import regular_file
from bpfdoctor.model.preflight import Cause, Hook, NotKnown
from bpfdoctor.preflight.system import System
from bpfdoctor.preflight.system.in_force import rights_in_force
from bpfdoctor.regular_file import NotRegular

_MOST = 4096  # bytes of a cgroup's file


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    if system.config("CGROUP_BPF") == "n":
        yield Cause("hook-not-configured", {"option": "CONFIG_CGROUP_BPF"})
        return
    path = str(hook.options.get("cgroup") or "")
    if not path or not system.is_here:
        yield NotKnown("its loader chooses the cgroup; name it with --cgroup")
        return
    with rights_in_force():
        yield from _of_folder(path)


def _of_folder(path: str) -> Iterator[Cause | NotKnown]:
    """Version 2 has a file cgroup.controllers in every folder, and cgroup.events in all but the topmost."""
    if not os.path.isdir(path):
        yield Cause("cgroup-not-there", {"path": path, "has": "there is no such folder"})
    elif not os.path.exists(f"{path}/cgroup.controllers"):
        is_old = os.path.exists(f"{path}/cgroup.procs")
        what = "it is a cgroup of version 1" if is_old else "it is an ordinary folder"
        yield Cause("cgroup-not-there", {"path": path, "has": what})
    else:
        try:
            if b"populated 0" in regular_file.read(f"{path}/cgroup.events", _MOST):
                yield Cause("cgroup-empty", {"path": path})
        except FileNotFoundError:
            return
        except NotRegular as problem:
            yield NotKnown(problem.sentence)
        except OSError as error:
            yield NotKnown(f"{path} cannot be read ({(error.strerror or '').lower()})")
