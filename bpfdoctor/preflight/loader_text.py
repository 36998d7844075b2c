"""Where a program's loader attaches it, as the loader's text says: a section's name may only be a label.

libbpf reads the place from the section's name; cilium/ebpf and aya take it from a call of the loader, and a
loader that uses libbpf may make such a call itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path

from bpfdoctor import regular_file
from bpfdoctor.model.diagnosis import Place
from bpfdoctor.model.preflight import Hook, HookKind
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.pattern import later

# A requirement of one's own: containers' libraries bring cilium/ebpf along, which go.mod calls indirect.
_GO = later(
    r"^\s*(?:require\s+)?github\.com/[\w.-]+/(ebpf|ebpf-?manager|libbpfgo)\s(?!.*// indirect)", re.MULTILINE
)
_AYA = later(r"^\s*(?:\[(?:[\w-]+\.)*dependencies\.)?aya\b", re.MULTILINE)
_MADE_BY_BPF2GO = later(r"_bpfe[lb](?:_\w+)?\.o$")
_GO_CALL = later(
    r"\blink\.(Kprobe|Kretprobe)\(\s*\"([\w.]+)\"\s*,\s*([\w.]+)"
    r"|\blink\.(Tracepoint)\(\s*\"(\w+)\"\s*,\s*\"(\w+)\"\s*,\s*([\w.]+)"
)
_LIBBPFGO_CALL = later(r"\.Attach(?:K(?:ret)?probe|(?:Raw)?Tracepoint|U(?:Ret)?probe)\w*\(")
_C_CALL = later(r"\bbpf_program__(?:attach_|set_auto(?:load|attach)\b)\w*\(\s*[\w.>-]*?\bprogs\.(\w+)")
_RUST_CALL = later(
    r"\bprogs(?:_mut)?(?:\(\))?\s*\.\s*(\w+)(?:\(\))?\s*\.\s*(?:attach_|set_auto(?:load|attach)\b)"
)
_KINDS = {
    "Kprobe": HookKind.KPROBE,
    "Kretprobe": HookKind.KRETPROBE,
    "Tracepoint": HookKind.TRACEPOINT,
}
# What the kernel is told when they are attached, not when they are loaded.
_CHOSEN = frozenset({
    *(HookKind.KPROBE, HookKind.KRETPROBE, HookKind.KSYSCALL, HookKind.KRETSYSCALL, HookKind.KPROBE_MULTI),
    *(HookKind.UPROBE, HookKind.URETPROBE, HookKind.UPROBE_MULTI, HookKind.USDT),
    *(HookKind.TRACEPOINT, HookKind.RAW_TRACEPOINT),
})  # fmt: skip
CALLED = "called"  # among a hook's options: a call of its loader names the place
_FOLDERS = 8  # above a file in which go.mod and Cargo.toml are looked for
_MOST_FOLDERS, _MOST_FILES, _MOST_BYTES = 2_000, 2_000, 1 << 20
_NOT_OF_PROJECT = frozenset({"vendor", "node_modules", "testdata", "target", "third_party"})


@dataclass(frozen=True, slots=True)
class Called:
    """What a call of the loader attaches a program to; `target` is written as a Hook's."""

    kind: HookKind
    target: str
    place: Place


@dataclass(frozen=True, slots=True)
class Loader:
    """`chooses`: who names the place, in words. `programs` are those that it attaches, None for all;
    `calls` those of which the text has the place."""

    chooses: str
    programs: frozenset[str] | None
    calls: Mapping[str, Called]


def chooses(hook: Hook, source: str) -> str:
    """Who names the place of a program in its stead, in words; "" for nobody, or where the hook has it."""
    loader = loader_of(source) if hook.kind in _CHOSEN and CALLED not in hook.options else None
    if loader is None or (loader.programs is not None and hook.program not in loader.programs):
        return ""
    return loader.chooses


def as_called(hook: Hook, source: str) -> Hook:
    """The hook with the place that a call of its loader names."""
    loader = loader_of(source) if hook.kind in _CHOSEN else None
    call = loader.calls.get(_as_in_go(hook.program)) if loader is not None else None
    if call is None:
        return hook
    at = call.place if os.path.isabs(source) else replace(call.place, file=os.path.relpath(call.place.file))
    options = {**hook.options, CALLED: True}
    return replace(hook, kind=call.kind, target=call.target, location=at, options=options)


@lru_cache(maxsize=8)  # asked for each program of an object
def loader_of(source: str) -> Loader | None:
    """The loader beside a program's file, where it does not leave the place to the section's name."""
    folders = list(Path(os.path.abspath(source)).parents[:_FOLDERS])
    for folder in folders:
        found = _GO.findall(text_of(folder / "go.mod"))
        if found and (loader := _of_go(folder, frozenset(found))):
            return loader
        if _AYA.search(text_of(folder / "Cargo.toml")):
            return Loader("its loader, which uses aya, names the place", None, {})
    if _MADE_BY_BPF2GO.search(source):
        return Loader("its loader, which uses cilium/ebpf, names the place", None, {})
    return _beside(folders[:2], source)


def _of_go(root: Path, libraries: frozenset[str]) -> Loader | None:
    texts = [(path, text) for path in _files(root, (".go",)) if "bpf" in (text := text_of(path))]
    if libraries == {"libbpfgo"}:
        if any(_LIBBPFGO_CALL.search(text) for _, text in texts):
            return Loader("its loader, which uses libbpfgo, names the place", None, {})
        return None
    found: dict[str, set[tuple[HookKind, str]]] = {}
    calls: dict[str, Called] = {}
    for path, text in texts:
        for each in _GO_CALL.finditer(text):
            kind, function, first, tracepoint, category, event, second = each.groups()
            called = Called(
                _KINDS[kind or tracepoint],
                function or f"{category}:{event}",
                _place(path, text, each.start(), each.end()),
            )
            name = _as_in_go((first or second).rpartition(".")[2])
            found.setdefault(name, set()).add((called.kind, called.target))
            calls.setdefault(name, called)
    alone = {name: call for name, call in calls.items() if len(found[name]) == 1}
    return Loader("its loader, which uses cilium/ebpf, names the place", None, alone)


def _beside(folders: list[Path], source: str) -> Loader | None:
    """Loaders in C, C++ and Rust that attach some programs themselves."""
    programs: set[str] = set()
    for folder in folders:
        for path in _files(folder, (".c", ".cc", ".cpp", ".rs"), deep=False):
            if path.name != os.path.basename(source):
                text = text_of(path)
                programs |= set((_RUST_CALL if path.suffix == ".rs" else _C_CALL).findall(text))
    return (
        Loader("its loader attaches it with a call of its own", frozenset(programs), {}) if programs else None
    )


def _files(root: Path, suffixes: tuple[str, ...], deep: bool = True) -> Iterator[Path]:
    left = _MOST_FILES
    for folder, folders, names in islice(os.walk(root), _MOST_FOLDERS):
        own = sorted(each for each in set(folders) - _NOT_OF_PROJECT if not each.startswith("."))
        folders[:] = own if deep else []
        for name in sorted(names):
            if left and name.endswith(suffixes) and not name.endswith("_test.go"):
                left -= 1
                yield Path(folder, name)


def text_of(path: Path) -> str:
    """The text of a file beside a program, "" where there is none that is to be read."""
    try:
        return regular_file.read(path, _MOST_BYTES).decode("utf-8", "replace")
    except (OSError, Problem):
        return ""


def _as_in_go(name: str) -> str:
    """tcp_sendmsg is TcpSendmsg among the fields that bpf2go makes."""
    return name.replace("_", "").lower()


def _place(path: Path, text: str, start: int, end: int) -> Place:
    first = text.rfind("\n", 0, start) + 1
    line = text[first : text.find("\n", start) if "\n" in text[start:] else len(text)]
    last = min(end - first, len(line))
    return Place(str(path), text.count("\n", 0, start) + 1, start - first + 1, last + 1, None, line)
