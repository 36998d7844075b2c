"""USDT probes: notes in a program or library that say where they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bpfdoctor.formats.stapsdt import UsdtPlace
from bpfdoctor.model.preflight import Cause, Hook, NotKnown
from bpfdoctor.preflight.checks import process_files, user_place
from bpfdoctor.preflight.checks.user_place import UserPlace
from bpfdoctor.preflight.system import System, binary
from bpfdoctor.preflight.system.binary import Binary
from bpfdoctor.preflight.system.process import Process, hidden

_MOST_FILES = 1_000  # that a process has in its memory


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    place = user_place.place_of(hook)
    if isinstance(place, NotKnown):
        yield place
        return
    process: Process | None = None
    files: list[Binary] = []
    for found in user_place.opened(place, system):
        if isinstance(found, Process):
            process = found
        elif isinstance(found, Binary):
            files = [found]
        else:
            yield found
            return
    if process is not None and not place.file:
        files = list(_files_of(process))
        if not files:  # newer kernels show the mappings with CAP_PERFMON, and not what is mapped
            yield NotKnown(hidden(f"what process {process.pid} runs"))
            return
    if not files:
        yield NotKnown("nothing in the text says which file the probe is in")
        return
    yield from _probe(hook, place, files, process)


def _files_of(process: Process) -> Iterator[Binary]:
    """Those with code in its memory: BCC looks for the probe in all of them."""
    paths = dict.fromkeys(each.path for each in process.mappings or () if each.executable)
    for path in list(paths)[:_MOST_FILES]:
        if path.startswith("/") and (found := binary.opened(process.path_here(path))):
            yield found


def _probe(
    hook: Hook, place: UserPlace, files: list[Binary], process: Process | None
) -> Iterator[Cause | NotKnown]:
    named = [(file, each) for file in files for each in file.usdt if each.name == place.probe]
    found = [(file, each) for file, each in named if place.provider in ("", each.provider)]
    where = files[0].path if len(files) == 1 or process is None else f"process {process.pid}"
    values = {"probe": place.probe, "file": where}
    if not found:
        yield _missing(place, files, named, values)
        return
    providers = sorted({each.provider for _, each in found})
    if len(providers) > 1:
        yield Cause("usdt-two-providers", {**values, "providers": " and ".join(providers[:4])})
        return
    guarded = next(((file, each) for file, each in found if each.semaphore), None)
    if guarded and place.by_bcc and process is None:
        yield Cause("usdt-needs-process", values)
    if process is not None and place.file:
        yield from process_files.uses(process, found[0][0])
    yield from _arguments([each for _, each in found], hook.options, values)


def _missing(
    place: UserPlace, files: list[Binary], named: list[tuple[Binary, UsdtPlace]], values: dict[str, Any]
) -> Cause:
    """No such probe, or one of another provider."""
    if named:
        others = sorted({each.provider for _, each in named})
        return Cause(
            "usdt-other-provider", {**values, "provider": place.provider, "providers": ", ".join(others[:4])}
        )
    known = sorted({f"{each.provider}:{each.name}" for file in files for each in file.usdt})
    if not known:
        return Cause("usdt-no-probes", values)
    from difflib import get_close_matches

    names = {each.rpartition(":")[2]: each for each in known}
    near = [names[each] for each in get_close_matches(place.probe, names, 4, 0.6)] or known[:8]
    return Cause("usdt-probe-missing", {**values, "near": ", ".join(near), "count": len(known)})


def _arguments(
    places: list[UsdtPlace], options: Mapping[str, Any], values: dict[str, Any]
) -> Iterator[Cause]:
    """What the program reads of the probe's arguments, where its text tells."""
    count = max(len(each.arguments) for each in places)
    for number, size, name, at in options.get("reads", ()):
        here = {**values, "number": number, "count": count}
        if number > count:
            yield Cause("usdt-argument-missing", here, at)
            continue
        widths = {each.arguments[number - 1].size for each in places if len(each.arguments) >= number}
        # BCC's function takes the widest of all places, and fails for every other size.
        if size is not None and widths and size != max(widths):
            yield Cause("usdt-argument-size", {**here, "name": name, "size": size, "width": max(widths)}, at)
    if parameters := options.get("parameters"):
        first, at = parameters
        yield Cause("usdt-parameters", {**values, "parameter": first}, at)
