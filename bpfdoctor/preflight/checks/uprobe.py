"""uprobe and uretprobe: a function of a program or library."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.formats.executable import Executable, Function
from bpfdoctor.model.preflight import Cause, Hook, NotKnown
from bpfdoctor.preflight.checks import patterns, process_files, user_place
from bpfdoctor.preflight.checks.user_place import UserPlace
from bpfdoctor.preflight.system import System
from bpfdoctor.preflight.system.binary import Binary
from bpfdoctor.preflight.system.process import Process


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    place = user_place.place_of(hook)
    if isinstance(place, NotKnown):
        yield place
        return
    process: Process | None = None
    for found in user_place.opened(place, system):
        if isinstance(found, Process):
            process = found
        elif isinstance(found, Binary):
            yield from _in_file(found, place, process)
            if process is not None:
                yield from process_files.uses(process, found)
        else:
            yield found


def _in_file(file: Binary, place: UserPlace, process: Process | None) -> Iterator[Cause | NotKnown]:
    assert file.program is not None
    if place.pattern:
        yield from patterns.fits(place.pattern, _all_names(file), "function", file.path)
    elif place.address is not None and not place.symbol:
        yield from _address(file, file.program, place.address, process)
    elif place.symbol:
        yield from _symbol(file, place, process)
    else:
        yield NotKnown("nothing in the text says which function it is attached to")


def _symbol(file: Binary, place: UserPlace, process: Process | None) -> Iterator[Cause | NotKnown]:
    """A function that is named."""
    functions = _functions(file, place)
    if not functions:
        yield _missing(file, place)
        return
    named = [each for each in functions if each.is_default] or functions
    if all(each.indirect for each in named):
        yield Cause("probed-chooser", {"file": file.path, "function": place.symbol})
        return
    first = named[0]
    if place.offset and first.size and place.offset >= first.size:
        values = {"function": place.symbol, "offset": place.offset, "size": first.size, "file": file.path}
        yield Cause("probed-past-function", values)
    else:
        yield from _guard(file, first.address + place.offset, process)
    if calls := file.inlined_calls(place.symbol):
        yield Cause(
            "probed-function-inlined-too", {"function": place.symbol, "file": file.path, "count": calls}
        )


def _functions(file: Binary, place: UserPlace) -> list[Function]:
    """Those of the name, as the loader looks for them: BCC also in the symbols that are installed apart."""
    assert file.program is not None
    found = list(file.program.functions(place.symbol))
    if place.by_bcc and not found and file.debug_file is not None and file.debug_file.program is not None:
        found = list(file.debug_file.program.functions(place.symbol))
    if not place.by_bcc:  # libbpf reads neither .gnu_debugdata nor files of symbols, nor names without a type
        found = [each for each in found if each.typed and each.table != "debugdata"]
    return found


def _all_names(file: Binary) -> Iterator[str]:
    """Those that BCC compares with a pattern: of the file, and of its symbols that are installed apart."""
    for each in (file, file.debug_file):
        if each is not None and each.program is not None:
            yield from (function.name for function in each.program.all_functions())


def _missing(file: Binary, place: UserPlace) -> Cause:
    assert file.program is not None
    program = file.program
    values = {"function": place.symbol, "file": file.path}
    if program.imports(place.symbol):
        return Cause("probed-import", values)
    if calls := file.inlined_calls(place.symbol):
        return Cause("probed-function-inlined", {**values, "count": calls})
    near = near_functions(program, place.symbol)
    if near:
        return Cause("probed-function-near", {**values, "near": ", ".join(near)})
    rule = "probed-function-stripped" if program.is_stripped else "probed-function-missing"
    return Cause(rule, values)


def near_functions(program: Executable, wrong: str) -> list[str]:
    """Names that may have been meant: they hold the name, as in C++, Go and Rust, or look like it."""
    names = {each.name for each in program.all_functions() if each.name}
    last = wrong.rpartition("::")[2].rpartition(".")[2]
    around = sorted(
        (each for each in names if len(last) > 3 and last in each), key=lambda name: (len(name), name)
    )
    if around:
        return around[:_FEW]
    from difflib import get_close_matches

    alike = [each for each in names if abs(len(each) - len(wrong)) <= 3]
    return get_close_matches(wrong, sorted(alike), _FEW, 0.7)


_FEW = 4


def _address(
    file: Binary, program: Executable, address: int, process: Process | None
) -> Iterator[Cause | NotKnown]:
    """An address, which for BCC is a virtual one of the file."""
    starts = {each.address: each.name for each in program.all_functions() if each.name}
    as_offset = program.address_of(address)
    if address not in starts and as_offset not in (None, address) and as_offset in starts:
        values = {"file": file.path, "address": f"{address:#x}", "function": starts[as_offset]}
        yield Cause("probed-file-offset", {**values, "virtual": f"{as_offset:#x}"})
        return
    if program.offset_of(address) is None:
        yield Cause("probed-address", {"file": file.path, "address": f"{address:#x}"})
        return
    yield from _guard(file, address, process)


def _guard(file: Binary, address: int, process: Process | None) -> Iterator[Cause]:
    """A USDT probe at that very address that its program skips until somebody raises its counter."""
    for each in file.usdt:
        if each.address == address and each.semaphore:
            if process is not None and process_files.semaphore(process, file, each.semaphore):
                return
            yield Cause("usdt-semaphore", {"probe": f"{each.provider}:{each.name}", "file": file.path})
            return
