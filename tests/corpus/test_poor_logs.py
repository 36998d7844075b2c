"""Logs as people paste them: cut anywhere, without states, joined: no exception, and no other cause."""

import re
from pathlib import Path

import pytest

from bpfdoctor.model.diagnosis import Confidence, Layer
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.resources import folder
from scripts.poor import CUTS, LOSES_MESSAGE, Log, last_diagnosis, load, read, root, stored

CORPUS = folder("corpus") / "cases"
LOGS = list(stored(CORPUS, 60))
# One line of two messages, or a message whose first half is another's: what is cut off is the message.
HALVES = ("core-relocation", "global-function", "exception-callback", "btf-", "instruction-not-known")
# Both places are true: where it was acquired, and the condition that made its release unreachable; the check of
# another pointer, and the use of this one; the call that ended a pointer, and the write through what it became.
TWO_CAUSES = (
    "unreleased-reference/same-condition-twice",
    "map-value-or-null/another-entry-checked",
    "used-after-release/start-after-submit",
    "packet-bounds/only-where-it-is-short",  # the check whose wrong branch goes on, and the use
    "packet-bounds/length-compared-as-number",  # a length was compared, the pointer itself never was
    "packet-bounds/every-block",  # a loop's condition, which the compiler has before the loop and at its end
)
# How much of all that is said of whole logs has to survive; measured with `make poor`.
KEPT = {"no source lines": 0.9, "quoted in a mail": 1.0, "with times": 1.0, "nothing behind the message": 0.9}


def name(path: Path) -> str:
    return "/".join((*path.parts[-4:-2], path.name))


def whole(path: Path) -> Log | None:
    found = last_diagnosis(load(path))
    if found is None or found.finding.block.stage is not Stage.VERIFIER:
        return None
    return read(load(path), found)


def text(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


@pytest.mark.parametrize("cut", [cut for cut in CUTS if cut != "all on one line"])
def test_a_cut_log_has_the_same_cause_or_none(cut: str) -> None:
    same = cases = 0
    wrong = []
    for path in LOGS:
        log, told = whole(path), last_diagnosis(load(path))
        if log is None or told is None:
            continue
        found = last_diagnosis(text(CUTS[cut](log)))
        if cut not in LOSES_MESSAGE and not path.parts[-4].startswith(HALVES):
            assert found is not None and found.finding.rule == told.finding.rule, name(path)
        if root(told) is not None:
            cases += 1
            same += root(found) == root(told)
        # Where this verifier loses sight of a value only its states show; without them the check is named.
        walked = told.layer is Layer.FALSE_POSITIVE
        if (
            root(found) not in (None, root(told))
            and not walked
            and not name(path).startswith(HALVES + TWO_CAUSES)
        ):
            wrong.append(f"{name(path)}: {root(told)} became {root(found)}")
    assert not wrong, f"python -m scripts.poor --wrong --cut {cut!r}"
    assert same >= KEPT.get(cut, 0) * cases


@pytest.mark.parametrize(
    "case",
    [
        "packet-bounds/udp-after-ip-check/logs/6.18.15-l1.log",
        "map-value-or-null/field-of-unchecked/logs/5.10.218-l2.log",
        "uninitialized-stack/bcc-struct-padding/logs/5.10.218-l1.log",
    ],
)
def test_every_line_is_a_place_to_cut(case: str) -> None:
    path = CORPUS / case
    log, told = whole(path), last_diagnosis(load(path))
    assert log is not None and told is not None
    for at in range(log.start, log.first):
        found = last_diagnosis(text(log.lines[at:]))
        assert found is not None and found.rule == told.rule, at
        assert root(found) in (None, root(told)), at
    for at in range(len(log.lines)):
        for report in diagnose(RawReport(text(log.lines[:at]), "log", Flavour.LOG, Stage.PASTE)):
            for each in report.diagnoses:
                assert at > log.first or each.confidence is not Confidence.CERTAIN, at


def test_lines_joined_by_spaces_are_a_log_again() -> None:
    known = 0
    found = [(log, path) for path in LOGS if "btf" not in path.parts[-4] and (log := whole(path))]
    for log, path in found:
        told, joined = last_diagnosis(load(path)), last_diagnosis(text(CUTS["all on one line"](log)))
        assert joined is not None and told is not None
        known += joined.finding.rule == told.finding.rule
    assert known >= 0.85 * len(found)


@pytest.mark.parametrize(
    ("talk", "command"),
    [
        ("libbpf: prog 'x': BPF program load failed: -22", r"sudo bpfdoctor check prog\.bpf\.c"),
        ("bpf: Failed to load program: Permission denied", r"sudo bpfdoctor check TOOL\.py"),
        ("loading objects: field DropDns: program drop: load program: permission denied", "prog_bpfel.o"),
        ("1: the BPF_PROG_LOAD syscall failed. Verifier output:", "target/bpfel-unknown-none"),
        ("Prog section 'classifier' rejected: Permission denied (13)!", "tc filter add … verbose"),
    ],
)
def test_the_one_command_is_that_of_the_loader(talk: str, command: str) -> None:
    log = RawReport(f"{talk}\nR3 !read_ok\n".encode(), "log", Flavour.LOG, Stage.PASTE)
    asked = [each.ask_for for report in diagnose(log) for each in report.diagnoses]
    assert any(re.search(command, sentence) for sentence in asked), asked


def test_usual_causes_are_ranked_by_what_is_left() -> None:
    def causes(lines: str) -> list[str]:
        report = diagnose(RawReport(lines.encode(), "log", Flavour.LOG, Stage.PASTE))[0]
        return [each.cause for each in report.diagnoses[0].usual]

    alone = causes("R1 invalid mem access 'inv'\n")
    after_load = causes(
        "9: (79) r1 = *(u64 *)(r6 +8)\n10: (61) r2 = *(u32 *)(r1 +4)\nR1 invalid mem access 'inv'\n"
    )
    assert alone and after_load
    assert alone[0] != after_load[0]
    assert not any("data_end" in cause for cause in causes("R1 invalid mem access 'map_ptr'\n"))


def test_a_log_that_shows_the_cause_lists_no_others() -> None:
    told = last_diagnosis(load(sorted(CORPUS.glob("map-value-or-null/*/logs/6.18.15-l1.log"))[0]))
    assert told is not None and told.root_cause and not told.usual and not told.ask_for
