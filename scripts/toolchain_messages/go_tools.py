"""cilium/ebpf: the errors that its Go makes; they come wrapped in one another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.toolchain_messages import lexical
from scripts.toolchain_messages.found import Found

# not for users of the library: tests, examples, its own tools, ports to Windows
_SKIPPED = re.compile(
    r"_test\.go$|(^|/)(examples|testdata|testutils|cmd|docs|scripts|_?vendor|efw)/|_windows\.go$|BADVERB"
)
_CALLS = r"fmt\.Errorf|errors\.New|xerrors\.Errorf|xerrors\.New|internal\.NewFeatureTest|NewFeatureTest"
# what stands before the kernel's log: "load program: permission denied: …"
_WITH_LOG = r"internal\.ErrorWithLog|ErrorWithLog"
# fmt.Sprintf makes an error's text only inside of Error() and Format()
_METHOD = re.compile(r"^func \([^)]*\) (Error|Format)\(", re.MULTILINE)


def cilium(version: str, folder: Path) -> Iterator[Found]:
    """All error texts of the package, with Go's verbs."""
    for file in sorted(folder.rglob("*.go")):
        name = str(file.relative_to(folder))
        if _SKIPPED.search(name):
            continue
        text = lexical.without_comments(file.read_text(encoding="utf-8"))
        for call in lexical.calls(text, _CALLS):
            format = lexical.template(call.arguments[0], "%v") if call.arguments else None
            if format and call.name.endswith("NewFeatureTest"):
                # UnsupportedFeatureError: "%s not supported (requires >= %s)"
                format += " not supported (requires >= %s)"
            if format:
                yield Found("cilium/ebpf", version, format, name)
        for call in lexical.calls(text, _WITH_LOG):
            format = lexical.template(call.arguments[0], "%v") if call.arguments else None
            if format:
                yield Found("cilium/ebpf", version, f"{format}: %w: %s (%d line(s) omitted)", name)
        for body in _bodies(text) if not name.startswith("asm/") else ():
            for call in lexical.calls(body, r"fmt\.Sprintf|fmt\.Fprintf"):
                formats = call.arguments[1:] if call.name.endswith("Fprintf") else call.arguments
                format = lexical.template(formats[0], "%v") if formats else None
                if format and re.search("[a-z]{3}", format):
                    yield Found("cilium/ebpf", version, format, name)


def _bodies(text: str) -> Iterator[str]:
    """The text of each Error() and Format() method, up to the next function."""
    for match in _METHOD.finditer(text):
        end = text.find("\nfunc ", match.end())
        yield text[match.start() : end if end >= 0 else len(text)]
