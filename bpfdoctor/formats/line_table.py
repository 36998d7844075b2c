"""The names after the file numbers of DWARF entries, from the header of a unit's line table."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.formats import debug_info as di

# Content types and forms of DWARF 5's file tables, section 6.2.4 of the standard.
_PATH = 0x01
_STRING, _LINE_STRP, _STRP, _DATA16, _UDATA = 0x08, 0x1F, 0x0E, 0x1E, 0x0F
_FIXED = {0x0B: 1, 0x05: 2, 0x06: 4, 0x07: 8, _DATA16: 16}


def file_names(unit: di.Unit) -> dict[int, str]:
    """File number -> name without its directory. Raises Damaged."""
    start = unit.root.get(di.AT_STMT_LIST)
    data = unit.sections[".debug_line"]
    if not isinstance(start, int) or not 0 <= start <= len(data) - 16:
        return {}
    version = unit.word(".debug_line", start + 4, 2)
    if version < 5:
        return dict(enumerate(_version4(unit, start + 15), 1))
    return dict(enumerate(_version5(unit, start + 17)))


def _version4(unit: di.Unit, at: int) -> Iterator[str]:
    data = unit.sections[".debug_line"]
    at = _after_opcodes(unit, at)
    while at < len(data) and data[at]:  # the directories
        at = data.index(b"\0", at) + 1
    at += 1
    while at < len(data) and data[at]:
        end = data.find(b"\0", at)
        if end < 0:
            raise di.Damaged
        yield data[at:end].decode("utf-8", "replace")
        at = end + 1
        for _ in range(3):  # directory, time, length
            _, at = di.uleb(data, at)


def _version5(unit: di.Unit, at: int) -> Iterator[str]:
    at = _after_opcodes(unit, at)
    for name_them in (False, True):  # the directories, then the files
        form, at = _formats(unit, at)
        count, at = di.uleb(unit.sections[".debug_line"], at)
        for _ in range(count):
            name = ""
            for content, kind in form:
                value, at = _value(unit, kind, at)
                name = value if content == _PATH else name
            if name_them:
                yield name.rsplit("/", 1)[-1]


def _after_opcodes(unit: di.Unit, at: int) -> int:
    """The offset after the lengths of the standard opcodes, whose count is at `at`."""
    return at + unit.word(".debug_line", at, 1)


def _formats(unit: di.Unit, at: int) -> tuple[list[tuple[int, int]], int]:
    data, found = unit.sections[".debug_line"], []
    count, at = unit.word(".debug_line", at, 1), at + 1
    for _ in range(count):
        content, at = di.uleb(data, at)
        kind, at = di.uleb(data, at)
        found.append((content, kind))
    return found, at


def _value(unit: di.Unit, form: int, at: int) -> tuple[str, int]:
    data = unit.sections[".debug_line"]
    if form == _STRING:
        end = data.find(b"\0", at)
        if end < 0:
            raise di.Damaged
        return data[at:end].decode("utf-8", "replace"), end + 1
    if form in (_LINE_STRP, _STRP):
        section = ".debug_line_str" if form == _LINE_STRP else ".debug_str"
        return di.text(unit.sections[section], unit.word(".debug_line", at, 4)), at + 4
    if form == _UDATA:
        return "", di.uleb(data, at)[1]
    if form not in _FIXED:
        raise di.Damaged
    return "", at + _FIXED[form]
