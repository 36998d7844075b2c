"""Whether a process runs the file that a hook names, and not another one: by device and inode."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, NotKnown
from bpfdoctor.preflight.system import binary
from bpfdoctor.preflight.system.binary import Binary
from bpfdoctor.preflight.system.process import Mapping, Process, hidden


def uses(process: Process, file: Binary) -> Iterator[Cause | NotKnown]:
    """What keeps a hook in `file` from being hit by `process`; nothing where it has the file in memory."""
    if process.mappings is None:
        if process.exists:
            yield NotKnown(hidden(f"what process {process.pid} runs"))
        return
    mapped = _files(process)
    if any(identity == file.identity for _, identity in mapped):
        return
    if any(identity is None for _, identity in mapped) or not mapped:
        yield NotKnown(hidden(f"which files process {process.pid} has in its memory"))
        return
    values = {"pid": process.pid, "file": file.path, "runs": process.program or "nothing"}
    name = file.path.rpartition("/")[2]
    for mapping, _ in mapped:
        if mapping.path.rpartition("/")[2] == name:
            yield from _other_copy(process, file, mapping, values)
            return
    if file.program is not None and file.program.interpreter and not file.program.soname:
        yield Cause("process-runs-other", values)  # a program is never loaded later
        return
    own = binary.opened(process.file("exe"))
    rule = "library-in-program" if own and own.program and own.program.is_static else "library-not-loaded"
    yield Cause(rule, values)


def _files(process: Process) -> list[tuple[Mapping, tuple[int, int] | None]]:
    """The files with code that it has in its memory, each once."""
    code = (each for each in process.mappings or () if each.executable and each.path.startswith("/"))
    found = {each.path: each for each in code}
    return [(each, process.identity(each)) for each in found.values()]


def _other_copy(
    process: Process, file: Binary, mapping: Mapping, values: dict[str, object]
) -> Iterator[Cause | NotKnown]:
    """It has a file of the same name: the one from before an update, or one of its own container."""
    if mapping.deleted:
        yield Cause("replaced-after-start", {**values, "its": mapping.path})
        return
    its = binary.opened(process.path_here(mapping.path))
    if its is None or its.program is None:
        yield NotKnown(f"{mapping.path} of process {process.pid} cannot be read")
    elif its.identity[0] != file.identity[0] and its.program.build_id == file.build_id:
        # On overlayfs one file has an identity in every layer, and the kernel's hook is on the lowest.
        yield NotKnown(
            f"process {process.pid} runs {mapping.path}: a copy, or the same file by another mount"
        )
    else:
        yield Cause("process-has-own-copy", {**values, "its": its.path})


def semaphore(process: Process, file: Binary, address: int) -> int | None:
    """The value of a USDT probe's counter in a process; None where it cannot be read."""
    if file.program is None:
        return None
    offset = file.program.data_offset_of(address)
    if offset is None:
        return None
    for each in process.mappings or ():
        inside = 0 <= offset - each.offset < each.end - each.start
        if inside and process.identity(each) == file.identity:
            raw = process.read_memory(each.start + offset - each.offset, 2)
            if raw is not None and len(raw) == 2:
                return int.from_bytes(raw, "little")
    return None
