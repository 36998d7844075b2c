"""Messages that the kernel prints in several calls.

Which kernels print them is worked out from the formats found.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One call of several: any of `formats`."""

    formats: tuple[str, ...]
    optional: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Composite:
    """A whole line (or two) made of parts, and lines as kernels print them."""

    name: str
    kind: str
    parts: tuple[Part, ...]
    examples: tuple[str, ...]


def _part(*formats: str, optional: bool = False, repeated: bool = False) -> Part:
    return Part(formats, optional, repeated)


COMPOSITES = (
    Composite(
        "return-range-tnum",
        "reject",
        (
            _part("At program exit the register R0 ", "At %s the register %s "),
            _part("has value %s", "has unknown scalar value"),
            _part(" should have been in %s\n"),
        ),
        (
            "At program exit the register R0 has value (0x0; 0xffffffff) should have been in (0x0; 0x1)",
            "At program exit the register R0 has unknown scalar value should have been in (0x0; 0x3)",
            "At callback return the register R0 has value (0x2; 0x0) should have been in (0x0; 0x1)",
        ),
    ),
    Composite(
        "return-range",
        "reject",
        (
            _part("%s the register %s has"),
            _part(" smin=%lld", optional=True),
            _part(" smax=%lld", optional=True),
            _part(" unknown scalar value", optional=True),
            _part(" should have been in [%d, %d]\n"),
        ),
        (
            "At program exit the register R0 has smin=2 smax=2 should have been in [0, 1]",
            "At program exit the register R0 has unknown scalar value should have been in [-4095, 0]",
            "At async callback return the register R0 has smin=1 should have been in [0, 0]",
        ),
    ),
    Composite(
        "argument-type",
        "reject",
        (
            _part("R%d type=%s expected=", "%s type=%s expected="),
            _part("%s, ", optional=True, repeated=True),
            _part("%s\n"),
        ),
        (
            "R1 type=scalar expected=fp",
            "R2 type=ctx expected=fp, pkt, pkt_meta, map_key, map_value, mem, ringbuf_mem, buf, trusted_ptr_",
            "R1 type=inv expected=map_ptr",
        ),
    ),
    Composite(
        "memory-argument-type",
        "reject",
        (_part("R%d type=%s ", "%s type=%s "), _part("expected=%s\n")),
        (
            "R2 type=scalar expected=fp",
            "R3 type=map_value_or_null expected=fp",
        ),
    ),
    Composite(
        "kptr-type",
        "reject",
        (
            _part("invalid kptr access, R%d type=%s%s "),
            _part("expected=%s%s"),
            _part(" or %s%s\n", "\n"),
        ),
        (
            "invalid kptr access, R2 type=ptr_node_data2 expected=ptr_node_data",
            "invalid kptr access, R1 type=scalar expected=ptr_foo or untrusted_ptr_foo",
        ),
    ),
    Composite(
        "map-uid",
        "reject",
        (
            _part("%s pointer in %s map_uid=%d "),
            _part("doesn't match map pointer in %s map_uid=%d\n"),
        ),
        (
            "timer pointer in R1 map_uid=2 doesn't match map pointer in R2 map_uid=1",
            "workqueue pointer in R1 map_uid=0 doesn't match map pointer in R2 map_uid=3",
        ),
    ),
    Composite(
        "kfunc-argument-type",
        "reject",
        (
            _part("arg#%d is %s ", "%s is %s "),
            _part("expected %s or socket\n"),
        ),
        (
            "arg#0 is fp expected trusted_ptr_ or socket",
            "R1 is untrusted_ptr_ expected trusted_ptr_ or socket",
        ),
    ),
    Composite(
        "kfunc-argument-type-or",
        "reject",
        (
            _part("%s is %s expected %s %s"),
            _part(" or %s", optional=True),
            _part("\n"),
        ),
        (
            "R1 is fp expected STRUCT task_struct",
            "R1 is scalar expected STRUCT sock or sock",
        ),
    ),
    Composite(
        "memory-length-pair",
        "reject",
        (_part("%s and "), _part("%s memory, len pair leads to invalid memory access\n")),
        (
            "R1 and R2 memory, len pair leads to invalid memory access",
            "R4 and R5 memory, len pair leads to invalid memory access",
        ),
    ),
    Composite(
        "poisoned-type",
        "bug",
        (_part("verifier internal error:"), _part("%s has non-overwritten BPF_PTR_POISON type\n")),
        ("verifier internal error:R1 has non-overwritten BPF_PTR_POISON type",),
    ),
    Composite(
        "poisoned-return-type",
        "bug",
        (
            _part("verifier internal error:"),
            _part("func %s has non-overwritten BPF_PTR_POISON return type\n"),
        ),
        ("verifier internal error:func bpf_kptr_xchg has non-overwritten BPF_PTR_POISON return type",),
    ),
    Composite(
        "source-line",
        "info",
        (_part("; "), _part("%s", "%s\n"), _part(" @ %s:%u\n", optional=True)),
        (
            "; if (!value)",
            "; return *value; @ prog.bpf.c:29",
        ),
    ),
    Composite(
        "precision-step",
        "info",
        (
            _part("mark_precise: frame%d: regs=%s ", "regs=%x stack=%llx before "),
            _part("stack=%s before ", optional=True),
            _part("%d: "),
        ),
        (
            "regs=2 stack=0 before 10: ",
            "mark_precise: frame0: regs=r1 stack= before 10: ",
        ),
    ),
    Composite(
        "precision-parent",
        "info",
        (_part("mark_precise: frame%d: parent state regs=%s "), _part("stack=%s: ")),
        ("mark_precise: frame0: parent state regs=r1 stack=: ",),
    ),
)
PARTS = frozenset(format for composite in COMPOSITES for part in composite.parts for format in part.formats)
