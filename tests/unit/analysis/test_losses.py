"""Why the proof was lost, and both places: where it was made, and where it stopped to count."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor.analysis.collectors.nullness import Nullness
from bpfdoctor.analysis.collectors.packet_range import PacketRange
from bpfdoctor.analysis.collectors.stack_range import StackRange
from bpfdoctor.lab import cases
from bpfdoctor.model.diagnosis import Diagnosis, Layer, Loss
from bpfdoctor.model.report import Flavour, RawReport, SourceFile, Stage
from bpfdoctor.pipeline import diagnose

CASES = Path(__file__).parents[3] / "corpus" / "cases"
SOURCE, LOWERING = Layer.SOURCE, Layer.LOWERING


def diagnosed(case: Path, with_source: bool) -> list[Diagnosis]:
    """The answer to each kernel's refusal, from its terse log alone or with the program beside it."""
    program = SourceFile("prog.bpf.c", (case / "prog.bpf.c").read_text())
    answers = []
    for _, level, log in cases.logs(case):
        files = (program,) if with_source else ()
        raw = RawReport(log, "prog.bpf.c", Flavour.LIBBPF, Stage.VERIFIER, files=files)
        found = [each for report in diagnose(raw) for each in report.diagnoses]
        if level == 1 and found and found[0].rule == case.parent.name:
            answers.append(found[0])
    assert answers
    return answers


def texts(found: Diagnosis) -> dict[str, str]:
    """The source line of each label, by role."""
    return {label.role: label.place.text or "" for label in found.labels if label.place}


@pytest.mark.parametrize(
    ("case", "why", "layer", "cause", "places"),
    [
        (
            "unbounded-access/read-again-after-a-call",
            Loss.REREAD,
            SOURCE,
            "t->slots[t->next]",
            {"check": "if (t->next >= 16)", "lost": "t->slots[t->next]"},
        ),
        (
            "unbounded-access/read-again-behind-a-barrier",
            Loss.REREAD,
            LOWERING,
            "t->slots[t->next]",
            {"check": "if (t->next >= 16)", "lost": "t->slots[t->next]"},
        ),
        (
            "unbounded-access/volatile-on-the-stack",  # the source asks for every read
            Loss.REREAD,
            SOURCE,
            "t->slots[slot]",
            {"check": "if (slot >= 16)", "lost": "t->slots[slot]"},
        ),
        (
            "unbounded-access/masked-on-one-way-only",
            Loss.MERGED,
            SOURCE,
            "if (fd == 1)",
            {"check": "if (fd == 1)", "lost": "if (fd == 1)"},
        ),
        (
            "unbounded-access/checked-on-one-way-only",
            Loss.MERGED,
            SOURCE,
            "t->slots[slot]",
            {"elsewhere": "if (slot >= 16)", "access": "t->slots[slot]"},
        ),
        (
            "unbounded-access/another-variable-checked",
            Loss.WRONG_VALUE,
            SOURCE,
            "if (count >= 16)",
            {"check": "if (count >= 16)", "origin": "__u64 slot = bpf_get_prandom_u32()"},
        ),
        (
            "unbounded-access/lower-half-checked",
            Loss.NARROWED,
            SOURCE,
            "if (low >= 16)",
            {"check": "if (low >= 16)", "access": "t->slots[count]"},
        ),
        (
            "unbounded-access/compiler-checked-a-copy",
            Loss.NARROWED,
            LOWERING,
            "if (count > MAX_COPY)",
            {"check": "if (count > MAX_COPY)", "access": "bpf_probe_read_user(copy, count, buf)"},
        ),
        (
            "unbounded-access/goes-on-when-too-large",
            Loss.OTHER_WAY,
            SOURCE,
            "if (count < 16)",
            {"check": "if (count < 16)", "access": "t->slots[count]"},
        ),
        (
            "unbounded-access/another-copy-masked",
            Loss.OTHER_COPY,
            SOURCE,
            "t->slots[slot]",
            {"check": "__u64 low = slot & 15", "access": "t->slots[slot]"},
        ),
        (
            "unbounded-access/header-taken-off-after-the-check",
            Loss.CHANGED,
            SOURCE,
            "len -= 4",
            {"check": "if (len > sizeof(*t))", "lost": "len -= 4"},
        ),
        (
            "map-value-bounds/moved-after-the-check",
            Loss.CHANGED,
            SOURCE,
            "slot += fd & 3",
            {"check": "if (slot >= 16)", "lost": "slot += fd & 3", "added": "t->slots[slot]"},
        ),
        (
            "map-value-bounds/one-element-too-many",
            Loss.TOO_SMALL,
            SOURCE,
            "if (count > 16)",
            {"check": "if (count > 16)", "access": "slot[count]"},
        ),
        (
            "packet-bounds/checked-on-one-way-only",
            Loss.MERGED,
            SOURCE,
            "if (udp->dest",
            {"elsewhere": "if ((void *)(udp + 1) > data_end)", "check": "if ((void *)(ip + 1) > data_end)"},
        ),
        (
            "packet-bounds/read-again-after-the-check",
            Loss.REREAD,
            SOURCE,
            "ip = (void *)(long)ctx->data",
            {"check": "if ((void *)(ip + 1) > data_end)", "lost": "ip = (void *)(long)ctx->data"},
        ),
        (
            "packet-bounds/length-compared-as-number",
            Loss.WRONG_VALUE,
            SOURCE,
            "if (skb->len <",
            {"length": "if (skb->len <", "access": "if (ip->ttl < 2)"},
        ),
        (
            "packet-bounds/another-pointer-checked",
            Loss.WRONG_VALUE,
            SOURCE,
            "if (options + 8 > data_end)",
            {"check": "if (options + 8 > data_end)", "moved": "payload = (void *)ip"},
        ),
        (
            "packet-bounds/checked-before-the-options",
            Loss.CHANGED,
            SOURCE,
            "if (udp->dest",
            {"check": "if ((void *)(udp + 1) > data_end)", "moved": "udp = (void *)ip + ip->ihl * 4"},
        ),
        (
            "packet-bounds/checked-the-wrong-way-round",
            Loss.OTHER_WAY,
            SOURCE,
            "if ((void *)(data + 1) <= end)",
            {"check": "if ((void *)(data + 1) <= end)", "access": "return data[0] & 1"},
        ),
        (
            "map-value-or-null/looked-up-again",
            Loss.REREAD,
            SOURCE,
            "*sum += count",
            {"check": "if (!bpf_map_lookup_elem", "lost": "sum = bpf_map_lookup_elem"},
        ),
        (
            "map-value-or-null/another-entry-checked",
            Loss.WRONG_VALUE,
            SOURCE,
            "if (!by_pid)",
            {"check": "if (!by_pid)", "origin": "__u64 *by_uid"},
        ),
        (
            "map-value-or-null/checked-on-one-way-only",
            Loss.MERGED,
            SOURCE,
            "*sum += count",
            {"elsewhere": "if (!sum)", "origin": "__u64 *sum"},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "/" in value[:40] and " " not in value else "",
)
def test_why_it_was_lost_and_both_places(
    case: str, why: Loss, layer: Layer, cause: str, places: dict[str, str]
) -> None:
    answers = diagnosed(CASES / case, with_source=True)
    for found in answers:
        assert found.facts is not None and (found.facts.why, found.layer) == (why, layer)
        assert found.root_cause is not None and found.root_cause.place is not None
        assert (found.root_cause.place.text or "").startswith(cause)
        shown = texts(found)
        for role, text in places.items():
            assert text in shown.get(role, ""), role


@pytest.mark.parametrize(
    ("case", "why"),
    [
        ("unbounded-access/read-again-after-a-call", Loss.REREAD),
        ("unbounded-access/lower-half-checked", Loss.NARROWED),
        ("unbounded-access/goes-on-when-too-large", Loss.OTHER_WAY),
        ("map-value-bounds/moved-after-the-check", Loss.CHANGED),
        ("packet-bounds/read-again-after-the-check", Loss.REREAD),
        ("packet-bounds/another-pointer-checked", Loss.WRONG_VALUE),
        ("map-value-or-null/looked-up-again", Loss.REREAD),
    ],
)
def test_the_log_alone_shows_what_is_on_the_path(case: str, why: Loss) -> None:
    answers = diagnosed(CASES / case, with_source=False)
    assert all(found.facts is not None and found.facts.why is why for found in answers)


def test_a_check_on_another_path_is_no_loss_that_the_log_alone_shows() -> None:
    for case in ("packet-bounds/checked-on-one-way-only", "map-value-or-null/checked-on-one-way-only"):
        for found in diagnosed(CASES / case, with_source=False):
            assert isinstance(found.facts, PacketRange | Nullness) and found.facts.elsewhere is None
            assert found.facts.why in (Loss.TOO_SMALL, Loss.NEVER)


@pytest.mark.parametrize(
    ("case", "word"),
    [("number-from-assembly", "assembly"), ("limited-by-a-global-function", "verified on its own")],
)
def test_the_origin_says_why_no_comparison_is_found(case: str, word: str) -> None:
    for found in diagnosed(CASES / "unbounded-access" / case, with_source=True):
        origin = next(label for label in found.labels if label.role == "origin")
        assert word in origin.text


def test_what_a_newer_kernel_keeps_on_the_stack_is_forgotten_by_an_older_one() -> None:
    answers = diagnosed(CASES / "unbounded-access" / "half-of-what-was-stored", with_source=True)
    for found in answers:
        assert found.facts is not None and found.facts.why is Loss.TRUNCATED
        shown = texts(found)
        assert "if (slot >= 16)" in shown["check"] and "pair.low" in shown["lost"]


def test_a_mask_that_leaves_too_much_is_the_check() -> None:
    answers = diagnosed(CASES / "stack-bounds" / "index-past-buffer", with_source=True)
    for found in answers:
        assert isinstance(found.facts, StackRange) and found.facts.why is Loss.TOO_SMALL
        assert found.facts.check is not None and found.facts.check.insn.operator == "&="
