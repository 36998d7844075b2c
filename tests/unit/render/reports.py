"""Reports for the tests of the formats: values of the model, made by hand from real runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bpfdoctor.model.diagnosis import (
    Category,
    Confidence,
    Diagnosis,
    Edit,
    Excused,
    Finding,
    Fix,
    FixOutcome,
    FixStatus,
    Json,
    Label,
    Layer,
    Place,
    Report,
    RootCause,
    Severity,
)
from bpfdoctor.model.report import Flavour, Kernel, Program, Stage, Stats, Verdict
from bpfdoctor.model.trace import Insn, Op, Step
from bpfdoctor.model.transcript import ErrorBlock

PKT = "\n".join(
    [f"// line {n}" for n in range(1, 18)]
    + [
        "\tif (data + sizeof(*eth) + sizeof(*ip) > data_end)",
        "\t\treturn XDP_PASS;",
        "",
        "\tif (ip->protocol != IPPROTO_UDP)",
        "\t\treturn XDP_PASS;",
        "\tudp = (void *)ip + sizeof(*ip);",
        "\tif (udp->dest == bpf_htons(53))",
        "\t\treturn XDP_DROP;",
        "\treturn XDP_PASS;",
        "}",
        "",
    ]
)


# What packet_range found of it, as the machine formats show that.
FACTS: Mapping[str, Json] = {
    "collector": "packet_range",
    "why": "too_small",
    "registers": ["r1"],
    "pointer": "udp",
    "end": "data_end",
    "first": 36,
    "last": 37,
    "size": 2,
    "proved": 34,
    "reach": None,
    "check": {"insn": 9, "location": None},
    "moved": None,
    "twin": None,
    "moved_by": None,
    "lost": None,
    "elsewhere": None,
    "length": None,
}


def place(line: int, column: int | None = None, end: int | None = None, *, file: str = "pkt.bpf.c") -> Place:
    return Place(file, line, column, end, "drop_dns")


def diagnosis(**changes: object) -> Diagnosis:
    """The example of the design, with `changes`."""
    insn = Insn(17, "r2 = *(u16 *)(r1 +2)", Op.LOAD, dst="r2", src="r1", off=2, size=2)
    finding = Finding(
        "packet-bounds",
        {"off": 36, "size": 2, "reg": 1},
        ErrorBlock(
            (
                "invalid access to packet, off=36 size=2, R1(id=0,off=36,r=34)",
                "R1 offset is outside of the packet",
            ),
            Stage.VERIFIER,
            insn=17,
        ),
        Step(12, insn, 400),
    )
    access = Label("access", "reads bytes 36..37 of the packet", 17, place(24, 11))
    check = Label("check", "this check proves bytes 0..33", 9, place(18, 6, 43))
    base = Diagnosis(
        outcome="TOO_SHORT",
        finding=finding,
        id="BD101",
        rule="packet-bounds",
        category=Category.MEMORY,
        layer=Layer.SOURCE,
        severity=Severity.ERROR,
        confidence=Confidence.CERTAIN,
        confidence_why="",
        message="this access can run past the end of the packet",
        location=place(24, 11),
        headline="4 more bytes must be checked first",
        wants="a check that covers 38 bytes, on every way to line 24",
        has="34 bytes (R1 = packet start, r=34)",
        lost="nowhere: no check after line 18 mentions udp",
        note="every kernel with XDP (4.8 on)",
        public=FACTS,
        labels=(check, access),
        root_cause=RootCause("udp is packet + 34", 15, place(23, 8)),
        flow=(check, access),
        fixes=(FIX,),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


FIX = Fix(
    title="Check the whole header against data_end before reading it",
    why="Comparing a packet pointer with data_end is the only thing that widens what may be read.",
    edits=(Edit("pkt.bpf.c", 24, 23, ("\tif ((void *)(udp + 1) > data_end)", "\t\treturn XDP_PASS;")),),
    outcome=FixOutcome(FixStatus.LOADS, "6.18.44", "full", 26),
)
SUGGESTION = replace(FIX, outcome=FixOutcome())


def report(*diagnoses: Diagnosis, **changes: object) -> Report:
    base = Report(
        source="pkt.bpf.c",
        flavour=Flavour.LIBBPF,
        verdict=Verdict.REFUSED,
        program=Program("drop_dns", "xdp", "xdp"),
        kernel=Kernel("6.18.44"),
        compiler="clang 14.0.6",
        diagnoses=diagnoses or (diagnosis(),),
        sources={"pkt.bpf.c": PKT},
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def loads() -> Report:
    return report(
        verdict=Verdict.LOADS, diagnoses=(), stats=Stats(26), program=Program("pass_all", "xdp", "xdp")
    )


def one_line_paste() -> Report:
    """`R3 !read_ok` and nothing else."""
    found = diagnosis(
        finding=Finding("uninitialized-register", {"reg": 3}, ErrorBlock(("R3 !read_ok",), Stage.VERIFIER)),
        id="BD003",
        rule="uninitialized-register",
        category=Category.REGISTER,
        confidence=Confidence.GUESS,
        confidence_why="a single line does not show where R3 should have been set.",
        message="a register is read before anything was written to it",
        location=None,
        headline="R3 was never given a value on this path",
        wants="every register written before it is read",
        has="R3 without a value",
        lost="",
        note="",
        labels=(),
        root_cause=None,
        flow=(),
        facts=None,
        fixes=(
            Fix("give the variable a value where it is declared", "", example=("-int n;", "+int n = 0;")),
        ),
        ask_for="send the whole log: bpfdoctor check FILE, or the loader's output at log level 1.",
    )
    return report(
        found,
        source="-",
        flavour=Flavour.LOG,
        program=None,
        kernel=None,
        compiler=None,
        sources={},
        stats=Stats(),
    )


def instruction_only() -> Report:
    """A log without line numbers: places are instruction numbers, with the source lines that it quotes."""
    base = diagnosis()
    quoted = {17: "if (udp->dest == bpf_htons(53))", 9: "if (ip + 1 > data_end)"}
    labels = tuple(replace(each, place=None, code=quoted.get(each.insn or 0, "")) for each in base.labels)
    found = replace(base, location=None, labels=labels, root_cause=None, flow=labels, fixes=())
    return report(found, source="ci.log", flavour=Flavour.LOG, sources={}, kernel=None, compiler=None)


def compiler_error() -> Report:
    found = diagnosis(
        finding=Finding(
            "missing-header",
            {"header": "linux/nope.h"},
            ErrorBlock(("'linux/nope.h' file not found",), Stage.COMPILER, file="a.bpf.c", line=2, column=10),
        ),
        id="BD801",
        rule="missing-header",
        category=Category.COMPILER,
        layer=Layer.ENVIRONMENT,
        message="the compiler cannot find a header",
        location=Place("a.bpf.c", 2, 10, 24),
        headline="linux/nope.h is in none of the folders clang was told to look in",
        wants="every included file in a folder named with -I",
        has="-I . and clang's own folders",
        lost="",
        note="",
        labels=(),
        root_cause=None,
        flow=(),
        facts=None,
        fixes=(),
    )
    return report(
        found,
        source="a.bpf.c",
        verdict=Verdict.NOT_COMPILED,
        program=None,
        kernel=None,
        sources={"a.bpf.c": '#include "vmlinux.h"\n#include "linux/nope.h"\n'},
    )


def two_files() -> Report:
    """The access in the program, the cause in a header."""
    base = diagnosis()
    cause = Label("cause", "nothing checks what it returns", 11, Place("parse.h", 7, 9, 17, "parse_ip"))
    text = "\n" * 6 + "\treturn ip_start(ctx);\n"
    return report(replace(base, labels=(*base.labels, cause)), sources={"pkt.bpf.c": PKT, "parse.h": text})


def unknown() -> Report:
    found = diagnosis(
        finding=Finding(
            "unknown-message",
            {},
            ErrorBlock(("R9 frobnicated the quux",), Stage.VERIFIER, insn=17),
            diagnosis().finding.step,
            unmatched=("R9 frobnicated the quux",),
        ),
        id="BD000",
        rule="unknown-message",
        confidence=Confidence.GUESS,
        confidence_why="no rule knows this message.",
        message="the verifier said something that bpfdoctor does not know",
        location=None,
        headline="",
        wants="",
        has="",
        lost="",
        note="",
        labels=(),
        root_cause=None,
        flow=(),
        fixes=(),
        facts=None,
        last_steps=("15: r1 = r6, a packet pointer", "17: reads 2 bytes at r1 + 2"),
        ask_for="please report this message.",
    )
    return report(found, flavour=Flavour.LOG, source="new.log", sources={})


def excused() -> Report:
    """A refusal that a comment above its line ignores."""
    comment = Place("pkt.bpf.c", 23, 2, 40, None, "\t/* bpfdoctor: ignore[BD101] the caller checks */")
    return report(diagnoses=(), excused=(Excused(diagnosis(), False, "the caller checks", comment),))


ALL = (
    excused,
    report,
    loads,
    one_line_paste,
    instruction_only,
    compiler_error,
    two_files,
    unknown,
)
