"""What preflight says of BCC tools that are known to work, as bpfcc-tools are: each warning is to be read.

    python -m scripts.silent [--kernel 6.1] [-v] /usr/sbin/*-bpfcc

Their texts are followed and not compiled: what is measured is where they are attached.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bpfdoctor import capture, catalogue
from bpfdoctor.capture import python_tool
from bpfdoctor.model.preflight import Hook
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, SourceFile, Stage
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.preflight import system, tool_hooks
from bpfdoctor.preflight.flight import flight_of
from bpfdoctor.preflight.sections import of_name
from bpfdoctor.source import Source

# What BCC attaches by the name that these macros make, or by the function's own.
_MACRO = re.compile(r"\b(TRACEPOINT|RAW_TRACEPOINT|KFUNC|KRETFUNC|LSM)_PROBE\(\s*(\w+)(?:\s*,\s*(\w+))?")
_NAMED = re.compile(
    r"\b(?:int|void)\s+((?:kprobe|kretprobe|tracepoint|raw_tracepoint|kfunc|kretfunc)__\w+)\s*\("
)


def hooks_of(path: Path) -> Iterator[Hook]:
    """Those of a tool's calls, and those that BCC makes of its functions' names. Raises Problem."""
    source = path.read_text("utf-8", "replace")
    tool = python_tool.follow(source, path)
    raw = RawReport(b"", str(path), Flavour.PYTHON, Stage.LOADER, files=(SourceFile(str(path), source),))
    text = Source(raw, Transcript(raw=raw, text=b""))
    for call in capture.attaches(path, CaptureOptions()):
        if (hook := tool_hooks.hook_of(call, raw, text)) is not None:
            yield hook
    for program in tool.programs:
        names = _NAMED.findall(program.text or "")
        for kind, first, second in _MACRO.findall(program.text or ""):
            names.append("__".join(filter(None, (kind.lower(), first, second if "TRACE" in kind else ""))))
        for name in dict.fromkeys(names):
            if (hook := of_name(name)) is not None:
                yield hook


def main() -> None:
    """Print what is said of each hook that is warned of, and the sums."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("tools", nargs="+", type=Path)
    options.add_argument("--kernel")
    options.add_argument("-v", action="store_true", help="print also what is not known, and why")
    chosen = options.parse_args()
    rules = catalogue.load()
    count: Counter[str] = Counter()
    started = time.process_time()
    with system.of(chosen.kernel, lambda _: None) as machine:
        for path in chosen.tools:
            if "python" not in path.read_text("utf-8", "replace")[:60]:
                count["no Python"] += 1
                continue
            try:
                hooks = list(hooks_of(path))
            except Problem as problem:
                print(f"{path.name}: {problem.sentence}")
                count["not followed"] += 1
                continue
            count["tools"] += 1
            for hook in hooks:
                flight = flight_of(hook, machine, rules)
                count[flight.answer.value] += 1
                for cause in flight.causes:
                    count[cause.rule] += 1
                    line = hook.location.line if hook.location else "-"
                    print(f"{path.name}:{line}: {hook.kind} {hook.target}: {cause.rule} {dict(cause.values)}")
                if chosen.v:
                    for why in flight.unknown:
                        print(f"{path.name}: {hook.kind} {hook.target}: {why}")
    for name, number in count.most_common():
        print(f"{number:6} {name}")
    print(f"{time.process_time() - started:6.1f} s of CPU")


if __name__ == "__main__":
    main()
