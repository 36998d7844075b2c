"""Turns formats of toolchain messages into lines as a tool might print them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_PRINTF = r"%(?:%|[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z|t|j)?[a-zA-Z])"
_GO = r"%(?:%|[-+# 0]*\d*[a-zA-Z])"
_RUST = r"\{\{|\}\}|\{[^{}]*\}"
_CLANG = r"%\d|%%|%p|%s|%d"
_STYLES = {"cilium/ebpf": _GO, "aya": _RUST, "libbpf-rs": _RUST, "llvm": _CLANG}
EXAMPLES = 3
LOADING = frozenset({"compile", "open", "load", "attach"})

# what stands before a hole -> words
_WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"prog(ram)? ['\"]?$", ("handle_exec", "xdp_drop", "count_packet")),
    (r"map ['\"]?$", ("events", "counters", "my_map")),
    (r"sec(tion)? ['\"(]?$", ("xdp", "kprobe/do_sys_open", ".maps")),
    (r"(file|open|path|from|load|object) ['\"]?$", ("prog.bpf.o", "/sys/fs/bpf/counters", "./xdp.o")),
    (r"(struct|type) ['\"]?$", ("task_struct", "sk_buff", "event")),
    (r"func(tion)? ['\"]?$", ("memset", "handle_exec", "bpf_get_smp_processor_id")),
    (r"extern (\(\w+ )?['\"]?$", ("memset", "bpf_cpumask_create", "LINUX_KERNEL_VERSION")),
    (r"(kprobe|uprobe|tracepoint|event|symbol) ['\"]?$", ("do_sys_open", "sched_process_exec", "readline")),
    (r"@$", ("g", "helper", "handle")),
    (
        r"(failed|error|errno|err|because|to \w+):? ?\(?$|: $",
        ("Permission denied", "-EINVAL", "No such file or directory"),
    ),
)
_NAMES = ("value", "foo", "handle_exec")
_SIGNED = (-22, 3, -1)
_UNSIGNED = (8, 1, 4096)


@dataclass(frozen=True, slots=True)
class Statement:
    """A message with lines as the tool might print them."""

    tool: str
    format: str
    kind: str
    when: str
    topic: str
    examples: tuple[str, ...]


def statements(listing: dict[str, Any], whens: frozenset[str] = LOADING) -> Iterator[Statement]:
    """What a user can meet at those steps, with examples; those a compiler really printed come first.

    By default all steps up to a running program: what maps and buffers print later is left out.
    """
    for message in listing["messages"]:
        words = re.sub(_style(message["tool"]), "", message["format"])
        if message["when"] in whens and re.search("[A-Za-z]{3}", words):
            yield Statement(
                message["tool"],
                message["format"],
                message["kind"],
                message["when"],
                message["topic"],
                render_examples(message),
            )


def render_examples(message: dict[str, Any]) -> tuple[str, ...]:
    """One to three lines: what a compiler really said, or the format filled in."""
    real = tuple(message.get("examples", ()))
    if real:
        return real[:EXAMPLES]
    made = (_fill(message["tool"], message["format"], number).strip("\n") for number in range(EXAMPLES))
    return tuple(dict.fromkeys(made))


def pattern(tool: str, format: str) -> str:
    """A regular expression for what a format can print."""
    parts, end = [], 0
    for match in re.finditer(_style(tool), format):
        parts.append(re.escape(format[end : match.start()]))
        parts.append({"%%": "%", "{{": r"\{", "}}": r"\}"}.get(match[0], "(?s:.*?)"))
        end = match.end()
    return "".join(parts) + re.escape(format[end:])


def _style(tool: str) -> str:
    return _STYLES.get(tool, _PRINTF)


def _fill(tool: str, format: str, number: int) -> str:
    parts: list[str] = []
    end = 0
    for match in re.finditer(_style(tool), format):
        parts.append(format[end : match.start()])
        end = match.end()
        parts.append(_hole(match[0], "".join(parts)[-24:], number))
    return "".join(parts) + format[end:]


def _hole(hole: str, before: str, number: int) -> str:
    if hole in ("%%", "{{", "}}"):
        return hole[0]
    letter = hole[-1]
    if hole[0] == "{" or letter in "svwqTc@" or letter.isdigit():
        named = re.match(r"\{(\w*)", hole)
        words = next((words for pattern, words in _WORDS if re.search(pattern, before)), _NAMES)
        name = named[1] if named else ""
        if name in ("path", "file"):
            words = ("/sys/fs/bpf/counters", "prog.bpf.o", "/proc/self/exe")
        elif re.search(r"(index|number|num_\w+|size|len|offset|count|version|_id|fd|address)$", name):
            words = ("8", "1", "4096")
        word = words[number % len(words)]
        return f'"{word}"' if letter == "q" or ":?" in hole else word[:1] if letter == "c" else word
    if letter in "di":
        return str(_SIGNED[number % len(_SIGNED)])
    if letter in "xXp":
        return ("0x" if letter == "p" or "#" in hole else "") + f"{(133, 7, 97)[number % 3]:x}"
    return str(_UNSIGNED[number % len(_UNSIGNED)])
