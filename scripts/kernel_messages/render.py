"""Turns formats into lines as a kernel might print them: tests ask which rule each reaches.

Everything here is deterministic: the same list gives the same lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripts.kernel_messages.fillings import CONVERSION

EXAMPLES = 3

# Words that programs bring along; the verifier's own words stand in the list's vocabulary.
_WORDS: dict[str, tuple[str, ...]] = {
    "reg": ("R1", "R2", "R7"),
    "helper": ("bpf_map_lookup_elem", "bpf_ringbuf_reserve", "bpf_probe_read_kernel"),
    "kfunc": ("bpf_cpumask_create", "bpf_task_acquire", "bpf_rbtree_add_impl"),
    "func": ("handle_exec", "count_packet", "main_prog"),
    "map": ("events", "my_map", "counters"),
    "type": ("task_struct", "sk_buff", "bpf_cpumask"),
    "member": ("pid", "next", "d_name"),
    "tnum": ("(0x0; 0xff)", "(0x0; 0xffffffffffffffff)", "(0x8; 0x3f0)"),
    "operator": ("+=", "&=", "<<="),
    "iter_type": ("num", "task", "bits"),
    "c_function": ("is_state_visited", "release_reference", "push_stack"),
    "file": ("prog.bpf.c", "main.c", "/src/prog.bpf.c"),
    "callchain": ("(0,12)", "(0)", "(0,12,30)"),
    "letter": ("r", "w"),
    "btf_kind": ("STRUCT", "INT", "PTR"),
    "name": ("value", "foo", "cb"),
}
# A stack argument, which kernels since 7.2 name where a register is expected
_NEW_REGS = ("R1", "R2", "*(R11-8)")
_NEW_KERNELS = {"7.2", "7.3"}
# What stands before a name says more than the C it comes from
_NAMED = ((re.compile(r"(?i:func(tion)?) '?$|'? in $"), "func"), (re.compile(r"(?i:map) '?$"), "map"))
# Types of registers people meet most; the first are those every kernel has
_REG_TYPES = (
    "scalar",
    "fp",
    "map_value_or_null",
    "ptr_",
    "pkt",
    "ctx",
    "trusted_ptr_",
    "rdonly_mem",
    "map_value",
)
_OLD_REG_TYPES = ("inv", "fp", "map_value_or_null", "ptr_", "pkt", "ctx", "mem", "map_value")
# What stands before a number -> plausible numbers; the first that matches
_NUMBERS: tuple[tuple[str, tuple[int, ...]], ...] = (
    (r"(?i:\bR|\(R11-)$", (1, 2, 7)),
    (r"arg ?#?$", (1, 0, 2)),
    (r"func(_id)? ?#?$|frame ?$", (1, 0, 2)),
    (r"insn (idx )?$|at insn $|alloc_insn=$|line \D{0,3}$", (14, 3, 120)),
    (r"off(set)?[= ]$|var_off \$|off=%?$", (-8, 36, 4096)),
    (r"siz\w*[= ]$", (8, 4, 64)),
    (r"id[= ]$", (2, 1, 17)),
    (r"smin=$", (-1, 0, 2)),
    (r"smax=$", (4294967295, 1, 2)),
    (r"^\[$", (3, 12, 7)),
    (r"\[$", (0, -4095, 1)),
    (r"\[-?\d+, ?$", (1, 0, 3)),
    (r"(error|failed|failure|determined): $", (-22, -2, -12)),
    (r"#$", (1, 85, 195896080)),
)
_SIGNED = (3, 12, -1)
_UNSIGNED = (8, 1, 4096)
_HEX = (0x85, 0x7, 0x61)
# What the kernel prints before a message about a BTF type, and after it
_BTF_LINES = {
    "btf-type": (
        "[3] STRUCT task size=8 vlen=1 {}",
        "[12] INT (anon) size=4 bits_offset=0 nr_bits=32 encoding=(none) {}",
    ),
    "btf-member": ("\tpid type_id=3 bits_offset=64 {}",),
    "btf-datasec-entry": ("\t type_id=7 offset=0 size=4 {}",),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """Something a kernel can say in whole: a message of one call, or a composite of several."""

    name: str  # the format, or the composite's name
    kind: str
    topic: str
    kernels: tuple[str, ...]
    soft: bool
    examples: tuple[str, ...]  # without the newline at the end; a few have two lines


def statements(listing: dict[str, Any]) -> Iterator[Statement]:
    """Everything in the list that can stand alone in a log, with examples. Parts come only as composites."""
    by_format = {message["format"]: message for message in listing["messages"] if "part" not in message}
    for message in listing["messages"]:
        if "part_of" in message or not re.search(r"[A-Za-z]{2}", CONVERSION.sub("", message["format"])):
            continue
        yield Statement(
            message["format"],
            message["kind"],
            message["topic"],
            tuple(message["kernels"]),
            message.get("soft", False),
            render_examples(message, listing["vocabulary"]),
        )
    for composite in listing["composites"]:
        first = by_format[composite["parts"][0]["formats"][0]]
        yield Statement(
            composite["name"],
            composite["kind"],
            first["topic"],
            tuple(composite["kernels"]),
            False,
            tuple(composite["examples"]),
        )


def render_examples(message: dict[str, Any], vocabulary: dict[str, list[str]]) -> tuple[str, ...]:
    """One to three lines that this format can print, the most ordinary first."""
    frames = [frame for line in message.get("line", ()) for frame in _BTF_LINES[line]] or ["{}"]
    found = []
    for number in range(EXAMPLES):
        text = _fill(message, vocabulary, number).rstrip("\n")
        found.append(frames[number % len(frames)].format(text) if frames != ["{}"] else text)
    return tuple(dict.fromkeys(found))


def _fill(message: dict[str, Any], vocabulary: dict[str, list[str]], number: int) -> str:
    strings = iter(message.get("strings", ()))
    format = message["format"]
    position = 0
    parts = []
    end = 0
    for match in CONVERSION.finditer(format):
        parts.append(format[end : match.start()])
        end = match.end()
        if match[0] == "%%":
            parts.append("%")
            continue
        letter = match[4]
        if letter in "sc":
            kind = next(strings, "name")
            before = "".join(parts)[-12:]
            if kind in ("name", "type"):
                kind = next((better for pattern, better in _NAMED if pattern.search(before)), kind)
            word = _word(kind, vocabulary, message["kernels"], number, position)
            parts.append(word[:1] if letter == "c" else word)
            position += 1
        else:
            before = "".join(parts)[-24:]
            parts.append(_number(match, before, number))
    parts.append(format[end:])
    return "".join(parts)


def _word(
    kind: str | list[str], vocabulary: dict[str, list[str]], kernels: list[str], number: int, position: int
) -> str:
    if isinstance(kind, list):
        words: tuple[str, ...] = tuple(kind)
    elif kind == "reg" and _NEW_KERNELS.issuperset(kernels):
        words = _NEW_REGS
    elif kind == "reg_type":
        words = _OLD_REG_TYPES if kernels == ["5.10"] else _REG_TYPES
    else:
        words = _WORDS.get(kind) or tuple(vocabulary.get(kind, ())) or _WORDS["name"]
    # later places take later words: "R1 … R2", "type=scalar expected=fp"
    step = max(1, len(words) // EXAMPLES) if isinstance(kind, list) else 1
    return words[(number * step + position) % len(words)]


def _number(match: re.Match[str], before: str, number: int) -> str:
    flags, width, letter = match[1] or "", match[2] or "", match[4]
    width = "" if width == "*" else width
    if letter == "p":
        return "00000000abcdef01"
    signed = letter in "di"
    usual = _SIGNED if signed else _HEX if letter in "xX" else _UNSIGNED
    chosen = next((numbers for pattern, numbers in _NUMBERS if re.search(pattern, before)), usual)[
        number % EXAMPLES
    ]
    if not signed:
        chosen = abs(chosen)
    return f"%{flags}{width}{'d' if letter in 'diu' else letter}" % chosen
