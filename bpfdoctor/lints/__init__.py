"""What loads here, and leaks, is silently wrong, or is refused elsewhere.

A module has `RULES`, which it can find, and `look(program)`, which yields each Lint. Those in DEFAULT say
nothing of a program that is right; the others are a matter of what a project wants, and are asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib import import_module

from bpfdoctor.lints.program import Lint, Linted

_LOOKUPS = frozenset({1, 2, 3})  # bpf_map_lookup_elem, _update_elem, _delete_elem
_SENDS = frozenset({25, 111, 121, 130})  # bpf_perf_event_output, _skb_output, _xdp_output, _ringbuf_output
_NAMED_READS = frozenset({112, 113, 114, 115})  # bpf_probe_read_user, _kernel, and _str of both
_OTHER_READS = frozenset({4, 45})  # bpf_probe_read, bpf_probe_read_str
_PRINTS = frozenset({6, 177})  # bpf_trace_printk, bpf_trace_vprintk
_ANY: frozenset[int] = frozenset()

#: rule -> the module that finds it, and the helpers, by number, of which an object must call one (none: any
#: object may have it)
DEFAULT: dict[str, tuple[str, frozenset[int]]] = {
    "unset-bytes-sent": ("unset_bytes", _SENDS),
    "unset-key-bytes": ("unset_bytes", _LOOKUPS),
    "unchecked-constant-lookup": ("lookups", frozenset({1})),
    "user-memory-as-kernel": ("calls", _NAMED_READS),
    "kernel-memory-as-user": ("calls", _NAMED_READS),
    "missing-license": ("licence", _ANY),
    "verifier-budget": ("limits", _ANY),
    "maps-over-memlock": ("limits", _ANY),  # says nothing without an oldest kernel
    "newer-than-oldest": ("older_kernels", _ANY),
}
ASKED: dict[str, tuple[str, frozenset[int]]] = {
    "probe-read-either": ("calls", _OTHER_READS),
    "probe-read-unchecked": ("calls", _NAMED_READS | _OTHER_READS),
    "printk-left-in": ("calls", _PRINTS),
    "stack-nearly-full": ("stack", _ANY),
    "registers-by-name": ("registers", _ANY),
    "structure-without-core": ("structures", _ANY),
}


def look(program: Linted, wanted: Collection[str]) -> Iterator[Lint]:
    """What is found of the wanted rules, each place once."""
    told = set()
    possible = [
        module
        for rule, (module, helpers) in (DEFAULT | ASKED).items()
        if rule in wanted and (not helpers or helpers & program.called)
    ]
    for module in dict.fromkeys(possible):
        for lint in import_module(f"{__name__}.{module}").look(program):
            key = lint.cause.rule, lint.cause.location
            if lint.cause.rule in wanted and key not in told:
                told.add(key)
                yield lint
