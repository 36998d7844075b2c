"""What preflight says of programs that are known to work, as bpfcc-tools are: each warning is to be read.

    python -m scripts.silent [--kernel 6.1] [-v] /usr/sbin/*-bpfcc SOURCES...

BCC tools are followed, C files and headers (or folders of them) are read, and nothing is compiled: what is
measured is where programs are attached, and what their texts show.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bpfdoctor import capture, catalogue
from bpfdoctor.capture import python_tool
from bpfdoctor.model.preflight import Cause, Hook, HookKind, Wants
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, SourceFile, Stage
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.preflight import lints, loader_text, seldom_calls, system, tool_hooks
from bpfdoctor.preflight.flight import flight_of
from bpfdoctor.preflight.sections import of_name, of_section
from bpfdoctor.preflight.system import System
from bpfdoctor.source import Source

# What BCC attaches by the name that these macros make, or by the function's own.
_MACRO = re.compile(r"\b(TRACEPOINT|RAW_TRACEPOINT|KFUNC|KRETFUNC|LSM)_PROBE\(\s*(\w+)(?:\s*,\s*(\w+))?")
_NAMED = re.compile(
    r"\b(?:int|void)\s+((?:kprobe|kretprobe|tracepoint|raw_tracepoint|kfunc|kretfunc)__\w+)\s*\("
)
# Maps are often declared in a header that nobody hands over.
_CALLS, _PROG_ARRAY = re.compile(r"\bbpf_tail_call\w*\(|BPF_MAP_TYPE_PROG_ARRAY"), 3


@dataclass
class Program:
    """A hook, and the causes that the program's text shows."""

    hook: Hook
    shown: list[Cause]


def programs_of(path: Path, machine: System) -> Iterator[Program]:
    """Those of a tool or of a C text. Raises Problem."""
    text = path.read_text("utf-8", "replace")
    if path.suffix in (".c", ".h"):
        yield from _of_text(path, text, machine)
    elif "python" in text[:60]:
        yield from _of_tool(path, text, machine)


def _of_text(path: Path, text: str, machine: System) -> Iterator[Program]:
    raw = _raw(path, text)
    source = Source(raw, Transcript(raw=raw, text=b""))
    c = source.c(str(path))
    for function in c.functions if c is not None else ():
        hook = of_section(function.name, function.section) if function.section else of_name(function.name)
        if hook is not None:
            hook = loader_text.as_called(hook, str(path))
            called = (("", _PROG_ARRAY),) if _CALLS.search(text) else ()
            wants = Wants(map_types=called, chooses=loader_text.chooses(hook, str(path)))
            shown = [*lints.look(hook, raw, source, machine), *seldom_calls.look(hook, raw, machine)]
            yield Program(replace(hook, wants=wants), shown)


def _of_tool(path: Path, text: str, machine: System) -> Iterator[Program]:
    """Those of a tool's calls, and those that BCC makes of its functions' names."""
    raw = _raw(path, text)
    source = Source(raw, Transcript(raw=raw, text=b""))
    for call in capture.attaches(path, CaptureOptions()):
        if (hook := tool_hooks.hook_of(call, raw, source)) is not None:
            yield Program(hook, list(seldom_calls.look(hook, raw, machine)))
    for program in python_tool.follow(text, path).programs:
        names = _NAMED.findall(program.text or "")
        for kind, first, second in _MACRO.findall(program.text or ""):
            names.append("__".join(filter(None, (kind.lower(), first, second if "TRACE" in kind else ""))))
        for name in dict.fromkeys(names):
            if (hook := of_name(name)) is not None:
                yield Program(hook, [])
        written = _raw(path, program.text or "")
        inside = Source(written, Transcript(raw=written, text=b""))
        c = inside.c(str(path))
        for function in c.functions if c is not None else ():
            shown = list(lints.look(Hook(function.name, HookKind.OTHER), written, inside, machine))
            if shown:
                yield Program(Hook(function.name, HookKind.OTHER), shown)


def _raw(path: Path, text: str) -> RawReport:
    return RawReport(b"", str(path), Flavour.PYTHON, Stage.LOADER, files=(SourceFile(str(path), text),))


def files_of(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob("*.[ch]")) if path.is_dir() else [path]


def main() -> None:
    """Print what is said of each hook that is warned of, and the sums."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("paths", nargs="+", type=Path)
    options.add_argument("--kernel")
    options.add_argument("-v", action="store_true", help="print also what is not known, and why")
    chosen = options.parse_args()
    rules = catalogue.load()
    count: Counter[str] = Counter()
    started = time.process_time()
    with system.of(chosen.kernel, lambda _: None) as machine:
        for path in files_of(chosen.paths):
            try:
                programs = list(programs_of(path, machine))
            except Problem as problem:
                print(f"{path.name}: {problem.sentence}")
                count["not followed"] += 1
                continue
            count["files with programs"] += bool(programs)
            count["programs"] += len(programs)
            for program in programs:
                hook = program.hook
                flight = flight_of(hook, machine, rules, program.shown)
                count[flight.answer.value] += 1
                for cause in flight.causes:
                    count[cause.rule] += 1
                    at = cause.location or hook.location
                    where = f"{path}:{at.line if at else '-'}: {hook.program}"
                    print(f"{where}: {hook.kind} {hook.target}: {cause.rule} {dict(cause.values)}")
                if chosen.v:
                    for why in flight.unknown:
                        print(f"{path}: {hook.kind} {hook.target}: {why}")
    for name, number in count.most_common():
        print(f"{number:6} {name}")
    print(f"{time.process_time() - started:6.1f} s of CPU")


if __name__ == "__main__":
    main()
