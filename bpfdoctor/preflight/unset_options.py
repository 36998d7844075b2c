"""`#ifdef CONFIG_…` in programs that are not compiled with the kernel's configuration: it is never true."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.preflight import Cause
from bpfdoctor.model.report import Flavour, RawReport
from bpfdoctor.pattern import later
from bpfdoctor.preflight.system import System
from bpfdoctor.source import Source

_ASKED = later(r"^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif)\b[^\n]*?\b(?:CONFIG_)([A-Z0-9_]+)", re.MULTILINE)
_BRINGS_CONFIG = ("autoconf.h", "kconfig.h")


def look(raw: RawReport, source: Source, system: System) -> Iterator[Cause]:
    """Those that this kernel has, and the program does not see; each once."""
    if raw.flavour is not Flavour.LIBBPF or any(_brings(each) for each in raw.compile_command):
        return
    told = set[str]()
    for file in raw.files:
        c = source.c(file.path)
        if c is None or any(name.endswith(_BRINGS_CONFIG) for name in c.includes):
            return
        for found in _ASKED.finditer(file.text):
            option = found[1]
            name = f"CONFIG_{option}"
            if option in told or name in c.macros or system.config(option) not in ("y", "m"):
                continue
            told.add(option)
            line = file.text.count("\n", 0, found.start(1)) + 1
            text = c.line(line)
            column = text.find(name) + 1
            place = Place(file.path, line, column, column + len(name), None, text)
            yield Cause("option-not-seen", {"option": name}, place)


def _brings(flag: str) -> bool:
    """Whether a flag of the compiler brings the configuration, or a part of it."""
    return flag.startswith("-DCONFIG_") or flag == "-include" or flag.endswith(_BRINGS_CONFIG)
