"""The rules that come with bpfdoctor, guarded as a whole; test_messages.py asks what each answers."""

import pytest

from bpfdoctor import catalogue
from bpfdoctor.analysis import contract
from bpfdoctor.catalogue import UNKNOWN, Rule, guard
from bpfdoctor.model.report import Stage
from bpfdoctor.model.transcript import ErrorBlock
from bpfdoctor.resources import folder

RULES = catalogue.load()
COLLECTORS, FIXERS = (
    folder("rules").parent / "bpfdoctor" / name for name in ("analysis/collectors", "fixes")
)


def test_the_catalogue_keeps_every_rule_of_the_house() -> None:
    assert guard.check(folder("rules")) == [], "python -m bpfdoctor dev check prints the same"
    assert contract.check(RULES) == [], "python -m bpfdoctor dev check prints the same"


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.name)
def test_collectors_and_fixers_that_a_rule_names_exist(rule: Rule) -> None:
    if rule.evidence:
        assert (COLLECTORS / f"{rule.evidence}.py").is_file()
    for fix in rule.fixes:
        assert fix.use is None or (FIXERS / f"{fix.use}.py").is_file()


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        ("R1 type=scalar expected=fp", "helper-argument-type"),
        ("R3 !read_ok", "uninitialized-register"),
        ("  R3   !read_ok  ", "uninitialized-register"),
        ("*(R11-8) !read_ok", "uninitialized-register"),
        ("libbpf: failed to find BTF for extern 'memset': -2", "unsupported-builtin"),
        ("pkt.bpf.c:24:11: error: use of undeclared identifier 'udp'", "compiler-error"),
        (
            "error: <unknown>:0:0: in function f i32 (%struct.pt_regs*): "
            "A call to built-in function 'memset' is not supported.",
            "unsupported-builtin",
        ),
        (
            "fatal error: error in backend: Cannot select: 0x5a10: i64 = sdiv 0x5a20, 0x5a30",
            "unsupported-construct",
        ),
        ("nobody has ever seen this", UNKNOWN),
        ("expected an RCU CS when using bpf_iter_css_next", "rcu-lock-required"),
        ("", UNKNOWN),
    ],
)
def test_a_message_that_somebody_typed_finds_its_rule(message: str, rule: str) -> None:
    assert RULES.find_text(message).rule == rule


def test_refusals_without_a_message_are_explained_by_their_errno() -> None:
    assert RULES.find(ErrorBlock((), Stage.VERIFIER, errno=1)).rule == "permission-denied"
    assert RULES.find(ErrorBlock((), Stage.LOADER, errno=1)).rule == "permission-denied"
    assert RULES.find(ErrorBlock((), Stage.VERIFIER, errno=7)).rule == "program-too-large"
    assert RULES.find(ErrorBlock((), Stage.VERIFIER, errno=13)).rule == UNKNOWN


def test_the_stack_messages_that_say_two_things_are_told_apart_by_their_numbers() -> None:
    def rule(line: str) -> str:
        return RULES.find(ErrorBlock((line,), Stage.VERIFIER)).rule

    assert rule("invalid read from stack R10 off=-8 size=4") == "uninitialized-stack"
    assert rule("invalid read from stack R10 off=-8 size=16") == "stack-bounds"
    assert rule("invalid read from stack R10 off=-520 size=8") == "stack-too-large"
    assert rule("invalid write to stack R1 off=-16 size=64") == "stack-bounds"


def test_prose_is_not_taken_for_a_message() -> None:
    prose = [
        "I get an error when I load my program, expected it to work.",
        "libbpf: loading object from prog.o",
        "the map could not be created and the loader stopped",
        "error: something went wrong",
        "",
        "10: (85) call bpf_map_lookup_elem#1",
    ]
    assert [line for line in prose if RULES.known(line)] == []
    assert RULES.known("R3 !read_ok")
    assert RULES.known("Looks like the BPF stack limit is exceeded. Please move it.")


def test_lines_of_successful_loads_are_remarks() -> None:
    for line in (
        "processed 13 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1",
        "arg#0 reference type('UNKNOWN ') size cannot be determined: -22",
        "Func#1 ('foo') is global and assumed valid.",
        "func#0 @0",
        "cur state: R1=0 R10=fp0 fp-8=0000????",
    ):
        assert RULES.remark(line), line
    assert not RULES.remark("R3 !read_ok")
