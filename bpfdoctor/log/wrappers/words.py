"""The words of a loader's line that say something: verbs, kinds and names, by grammars/failure.lark."""

from __future__ import annotations

from typing import NamedTuple

from bpfdoctor import grammar
from bpfdoctor.parser import ParseError, Tree

# What a step can be about: aliases of the grammar's.
KINDS = frozenset(
    (
        "kprobe_multi",
        "kprobe_events",
        "uprobe_events",
        "kprobe",
        "uprobe",
        "usdt",
        "raw_tracepoint",
        "tracepoint",
        "fentry",
        "lsm",
        "perf_event",
        "xdp",
        "tcx",
        "netkit",
        "tc",
        "cgroup",
        "struct_ops",
        "sockmap",
        "netfilter",
        "netns",
        "iter",
        "freplace",
        "ring_buffer",
        "perf_buffer",
        "kernel_btf",
        "token",
        "rlimit",
        "netlink",
        "qdisc",
        "xsk",
        "socket",
    )
)


class Word(NamedTuple):
    """One word of a line that says something: what it is (an alias of the grammar's), and the text."""

    what: str
    text: str
    at: int


def words_of(line: str) -> list[Word]:
    """The words of `line` that say something, in order."""
    try:
        parsed = grammar.parser("failure").parse(line)
    except ParseError:
        return []
    return [
        Word(str(part.data), str(part.children[0]), getattr(part.children[0], "start_pos", None) or 0)
        for part in parsed.children
        if isinstance(part, Tree)
    ]
