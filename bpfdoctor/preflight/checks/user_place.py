"""What hooks in user space name: a file, and a function, an address or a USDT probe in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, NotKnown
from bpfdoctor.model.record import dataclass
from bpfdoctor.preflight.system import System, binary
from bpfdoctor.preflight.system.binary import Binary
from bpfdoctor.preflight.system.process import Process

_FUNCTION = re.compile(r"(.+?):([^:+]+)(?:\+(0x[0-9a-f]+|\d+))?", re.IGNORECASE)
_PROBE = re.compile(r"(.+?):([^:]+):([^:]+)")


@dataclass(frozen=True, slots=True)
class UserPlace:
    """A place as the text names it; "" and None where it does not."""

    file: str
    by_bcc: bool
    symbol: str = ""
    offset: int = 0  # from the symbol
    address: int | None = None  # virtual
    pattern: str = ""  # a regular expression for symbols
    provider: str = ""
    probe: str = ""
    pid: int | None = None


def place_of(hook: Hook) -> UserPlace | NotKnown:
    """What libbpf reads in `uprobe//bin/bash:readline` and `usdt/./a.out:provider:name`, or BCC is given."""
    options = hook.options
    if options.get("loader") == "bcc":
        return UserPlace(
            options.get("file") or "",
            True,
            options.get("symbol") or "",
            options.get("offset") or 0,
            options.get("address") or None,
            options.get("pattern") or "",
            options.get("provider") or "",
            options.get("probe") or "",
            pid if isinstance(pid := options.get("pid"), int) and pid > 0 else None,
        )
    if "!/" in hook.target:
        return NotKnown("archives are not looked into")
    if (probe := _PROBE.fullmatch(hook.target)) and hook.kind.value == "usdt":
        return UserPlace(probe[1], False, provider=probe[2], probe=probe[3])
    if (function := _FUNCTION.fullmatch(hook.target)) and hook.kind.value != "usdt":
        return UserPlace(function[1], False, function[2], int(function[3] or "0", 0))
    if hook.target:
        return NotKnown(f"{hook.target} is not what libbpf wants there")
    return NotKnown("nothing in the text says which file and function it is attached to")


def opened(place: UserPlace, system: System) -> Iterator[Binary | Process | Cause | NotKnown]:
    """The process and the file that are meant, as far as they are there."""
    if not system.is_here:
        yield NotKnown("which files and processes are there is only known of this machine")
        return
    process = Process(place.pid) if place.pid is not None else None
    if process is not None:
        if not process.exists:
            yield Cause("probed-process-missing", {"pid": place.pid})
            return
        yield process
    if not place.file:
        return
    if why := _only_its_loader(place):
        yield NotKnown(why)
        return
    found = binary.for_bcc(place.file, process) if place.by_bcc else binary.for_libbpf(place.file)
    if found is None:
        yield Cause("probed-file-missing", {"file": _as_searched(place)})
        return
    here = binary.opened(found)
    if here is None:
        yield _not_opened(found)
    elif here.program is None:
        yield _no_program(here)
    else:
        yield here


def _only_its_loader(place: UserPlace) -> str:
    """Why another process cannot tell which file is meant; "" where it can."""
    if place.file.startswith(("/proc/self/", "/proc/thread-self/")):
        return f"{place.file} is the loader's own"
    is_relative = "/" in place.file and not place.file.startswith("/")
    if is_relative and not place.by_bcc and not os.path.exists(place.file):
        return f"{place.file} is looked for in the folder in which its loader is started"
    return ""


def _as_searched(place: UserPlace) -> str:
    if not place.by_bcc:
        return place.file
    return f"lib{place.file}.so" if "/" not in place.file else place.file


def _not_opened(path: str) -> Cause | NotKnown:
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return Cause("probed-file-missing", {"file": path})
    except OSError as error:
        return NotKnown(f"{path} cannot be looked at: {error.strerror}")
    return NotKnown(f"{path} cannot be read")


def _no_program(here: Binary) -> Cause | NotKnown:
    interpreter = here.script
    if interpreter:
        return Cause("probed-script", {"file": here.path, "interpreter": interpreter})
    return NotKnown(f"{here.path} is no program or library of 64 bits")
