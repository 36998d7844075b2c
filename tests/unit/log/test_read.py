"""From a text to its transcripts: which program, which error block, what is missing."""

from __future__ import annotations

import pytest

from bpfdoctor import catalogue
from bpfdoctor import log as transcripts
from bpfdoctor.model.report import Stage, Verdict
from bpfdoctor.model.transcript import Truncated
from tests.unit.log.texts import OLD, REPORTED, STATS, captured, error, log, one, raw_of, read

NULL = "R1 invalid mem access 'map_value_or_null'"


def test_the_block_is_what_stands_between_the_last_instruction_and_the_statistics() -> None:
    part = one(log("packet"))
    (block,) = part.blocks
    assert block.lines == (
        "invalid access to packet, off=0 size=1, R1(id=0,off=0,r=0)",
        "R1 offset is outside of the packet",
    )
    assert (block.stage, block.insn, block.errno, part.program) == (Stage.VERIFIER, 1, 13, "first_byte")
    assert bytes(part.text[block.start : block.end]).decode().splitlines() == list(block.lines)


def test_the_log_begins_behind_the_loaders_frame_and_ends_with_the_statistics() -> None:
    part = one(log("packet"))
    walked = bytes(part.text[part.log_start : part.log_end])
    assert walked.startswith(b"0: R1=ctx() R10=fp0\n")
    assert walked.endswith(b"mark_read 0")
    assert part.truncated is Truncated.NO
    assert (part.stats.processed, part.stats.limit, part.stats.states) == (2, 1_000_000, 0)


@pytest.mark.parametrize("name", ["null-in-callee", "null-in-callee-l2", "bcc-null"])
def test_calls_lists_and_precision_marks_are_no_messages(name: str) -> None:
    block = error(log(name))
    assert len(block.lines) == 1
    assert "invalid mem access 'map_value_or_null'" in block.lines[0]
    assert block.insn is not None


def test_bcc_names_the_program_in_its_exception() -> None:
    assert one(log("bcc-null")).program == "hello"


def test_level_4_has_no_instruction_and_is_not_cut() -> None:
    part = one(log("leak-l4"))
    assert part.blocks[0].insn is None
    assert part.blocks[0].lines[0] == "Unreleased reference id=2 alloc_insn=4"
    assert part.truncated is Truncated.NO
    assert part.stats.stack_depth == (0,)


def test_states_behind_an_endless_loop_are_no_messages() -> None:
    block = error(log("endless"))
    assert block.lines == ("infinite loop detected at insn 3",)


def test_the_dialect_of_5_10() -> None:
    part = one(OLD)
    assert part.blocks[0].lines == ("R0 unbounded memory access, make sure to bounds check any such access",)
    assert (part.blocks[0].insn, part.blocks[0].errno, part.program) == (11, 13, "count")


def test_the_kernels_report_is_read_and_the_words_on_both_sides_of_it_are_the_block() -> None:
    block = error(REPORTED)
    assert block.lines == (
        "Unreleased reference id=2 alloc_insn=4",
        "BPF_EXIT instruction in main prog would lead to reference leak",
    )
    assert block.insn == 9
    assert block.reports[0].category == "Resource Lifetime Safety"


def test_a_report_pasted_without_instructions_keeps_the_message_above_it() -> None:
    start = REPORTED.index("Unreleased")
    assert error(REPORTED[start:]).lines[0] == "Unreleased reference id=2 alloc_insn=4"


# ---- messages that look like rejections and are none


def test_a_message_in_the_middle_is_not_the_rejection() -> None:
    text = (
        "0: R1=ctx() R10=fp0\n"
        "arg#0 reference type('UNKNOWN ') size cannot be determined: -22\n"
        "6: (79) r2 = *(u64 *)(r0 +0)\nR0 invalid mem access 'scalar'\n7: (85) call pc+3\n"
        "Expected an initialized dynptr as arg #1\ncaller:\n R10=fp0\n9: (95) exit\nR0 !read_ok\n" + STATS
    )
    assert error(text).lines == ("R0 !read_ok",)


def test_a_remark_alone_does_not_refuse_a_program() -> None:
    part = one("arg#0 reference type('UNKNOWN ') size cannot be determined: -22\n" + STATS)
    assert part.succeeded
    assert part.blocks == ()


@pytest.mark.parametrize(
    "text",
    [
        "Error: the BPF_PROG_LOAD syscall failed. Verifier output: Global function f() doesn't return scalar."
        " Only those are supported.\nprocessed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0"
        " peak_states 0 mark_read 0\n\nCaused by:\n    Invalid argument (os error 22)\n",
        "Validating f() func#1...\nGlobal function f() doesn't return scalar. Only those are supported.\n"
        + STATS,
        "Global function f() doesn't return scalar. Only those are supported.\nprocessed 0 insns (limit 1)\n",
    ],
    ids=["the loader says so", "it was being validated", "nothing was processed"],
)
def test_a_remark_is_the_reason_where_the_program_was_refused(text: str) -> None:
    assert error(text).lines == ("Global function f() doesn't return scalar. Only those are supported.",)


def test_a_speculative_path_that_was_recovered_leaves_a_message_in_a_log_that_loads() -> None:
    text = (
        "from 6 to 8 (speculative execution): R0=1 R10=fp0\n8: (79) r1 = *(u64 *)(r0 +0)\n"
        "R0 invalid mem access 'scalar'\n9: (b7) r0 = 0\n10: (95) exit\n" + STATS
    )
    assert one(text).succeeded


def test_the_half_of_a_pair_that_is_a_remark_belongs_to_its_message() -> None:
    text = (
        "0: R1=ctx() R10=fp0\n3: (79) r3 = *(u64 *)(r1 +0)\n"
        "func 'sys_x' arg0 has btf_id 5 type STRUCT 'pt_regs'\ninvalid bpf_context access off=0 size=8\n"
        + STATS
    )
    assert len(error(text).lines) == 2


def test_a_remark_that_the_next_line_sums_up_belongs_to_it() -> None:
    text = (
        "0: R1=ctx() R10=fp0\n5: (85) call pc+2\n"
        "arg#0 reference type('UNKNOWN ') size cannot be determined: -22\n"
        "Caller passes invalid args into func#1 ('first_byte')\n" + STATS
    )
    assert len(error(text).lines) == 2


# ---- refusals without a message


def test_a_clean_log_of_a_program_that_was_refused_is_a_block_without_lines() -> None:
    text = (
        "libbpf: prog 'x': BPF program load failed: Bad file descriptor\n"
        "libbpf: prog 'x': -- BEGIN PROG LOAD LOG --\n" + STATS + "-- END PROG LOAD LOG --\n"
    )
    part = one(text)
    assert (part.blocks[0].lines, part.blocks[0].errno, part.succeeded) == ((), 9, False)


def test_a_refusal_before_verification_has_only_its_number_and_the_loaders_advice_is_a_note() -> None:
    text = (
        "libbpf: prog 'x': BPF program load failed: Operation not permitted\n"
        "libbpf: permission error while running as root; try raising 'ulimit -l'? current value: 8.0 MiB\n"
        "libbpf: prog 'x': failed to load: -1\nlibbpf: failed to load object 'x.o'\n"
        "Error: failed to load object file\n"
    )
    refused, hint = one(text).blocks
    assert (refused.stage, refused.lines, refused.errno) == (Stage.VERIFIER, (), 1)
    assert (hint.stage, hint.severity) == (Stage.LOADER, "note")


def test_statistics_alone_mean_that_it_loads() -> None:
    assert one("0: (b7) r0 = 0\n1: (95) exit\n" + STATS).succeeded


def test_no_program_that_loads_has_no_instruction() -> None:
    assert not one("processed 0 insns (limit 1000000) max_states_per_insn 0 total_states 0\n").succeeded


# ---- logs that were cut


def test_a_log_without_its_beginning() -> None:
    part = one("27: (69) r3 = *(u16 *)(r0 +2)\nR0 invalid mem access 'inv'\n" + STATS)
    assert part.truncated is Truncated.HEAD
    assert part.blocks[0].insn == 27


def test_a_log_without_its_end() -> None:
    part = one("0: R1=ctx() R10=fp0\n0: (bf) r6 = r1\n1: (61) r2 = *(u32 *)(r6")
    assert part.truncated is Truncated.TAIL
    assert part.blocks == ()
    assert not part.succeeded


def test_half_a_line_at_the_beginning_is_no_message() -> None:
    part = one("scalar(id=3) R10=fp0\n5: (79) r3 = *(u64 *)(r10 -8)\nR3 !read_ok\n" + STATS)
    assert part.blocks[0].lines == ("R3 !read_ok",)


def test_an_excerpt_without_statistics() -> None:
    assert error("2: (2d) if r4 > r3 goto pc+4\nR3 pointer comparison prohibited\n").insn == 2


# ---- several logs, one log twice


def test_two_programs_are_two_transcripts() -> None:
    first, second = read(log("packet") + log("leak"))
    assert (first.program, second.program) == ("first_byte", "leak")
    assert (first.blocks[0].errno, second.blocks[0].errno) == (13, 22)


def test_two_logs_that_touch_are_two_transcripts() -> None:
    text = "0: (bf) r1 = r2\nR2 !read_ok\n" + STATS + "0: (85) call bpf_x#7\nunknown func bpf_x#7\n" + STATS
    assert [part.blocks[0].lines[0] for part in read(text)] == ["R2 !read_ok", "unknown func bpf_x#7"]


def test_quoting_the_end_of_a_log_again_adds_nothing() -> None:
    text = (
        log("packet")
        + "\nSo it fails here:\n\n1: (71) r1 = *(u8 *)(r1 +0)\n"
        + ("invalid access to packet, off=0 size=1, R1(id=0,off=0,r=0)\n")
    )
    assert one(text).program == "first_byte"


def test_an_excerpt_of_instructions_that_stand_above_adds_nothing() -> None:
    walked = log("packet").splitlines()[2:5]
    assert one(log("packet") + "\nI mean these:\n\n" + "\n".join(walked)).program == "first_byte"


def test_gos_summary_and_its_whole_log_are_one_problem() -> None:
    text = (
        "Verifier error: program drop: load program: permission denied: R4 !read_ok (3 line(s) omitted)\n"
        "Verifier log: load program: permission denied:\n\t0: R1=ctx() R10=fp0\n"
        "\t0: (bf) r6 = r4\n\tR4 !read_ok\n\t" + STATS
    )
    part = one(text)
    assert (part.program, part.blocks[0].insn, part.blocks[0].errno) == ("drop", 0, 13)


def test_paths_behind_empty_lines_belong_to_the_log() -> None:
    text = (
        "0: R1=ctx() R10=fp0\n6: (15) if r0 == 0x0 goto pc+3\nR9 is a remark of a newer kernel\n\n"
        "from 6 to 10: R0=0 R10=fp0\n10: (95) exit\nR0 !read_ok\n" + STATS
    )
    assert error(text).lines == ("R0 !read_ok",)


@pytest.mark.parametrize("empty", ["\n", "\n\n", "  \n"])
@pytest.mark.parametrize("before", ["", "0: R1=ctx() R10=fp0\n0: (bf) r6 = r4\n"])
def test_an_empty_line_before_the_summary_changes_nothing(empty: str, before: str) -> None:
    known = "tracing progs cannot use bpf_spin_lock yet"
    message = "R4 !read_ok" if before else known
    assert error(f"{before}{message}\n{empty}{STATS}", catalogue.load().known).lines == (message,)


# ---- a text around the log


def test_a_users_words_are_no_error() -> None:
    text = (
        "Hello,\n\nI am trying to load this, but it fails:\n\n"
        + log("packet")
        + "\nI do not understand R1.\n"
        "Any help is welcome!\n"
    )
    part = one(text)
    assert len(part.blocks) == 1
    assert len(part.blocks[0].lines) == 2


def test_words_right_behind_a_cut_log_are_no_error() -> None:
    text = (
        "9: (69) r3 = *(u16 *)(r0 +2)\nR0 invalid mem access 'inv'\nI do not understand this. Can you help?\n"
    )
    assert error(text).lines == ("R0 invalid mem access 'inv'",)


def test_omitted_lines_are_no_error() -> None:
    text = "0: R1=ctx() R10=fp0\n...\n......(skipped)\n302: (85) call bpf_x#25\n[...]\nR5 !read_ok\n" + STATS
    assert error(text).lines == ("R5 !read_ok",)


@pytest.mark.parametrize(
    "text",
    [
        "R3 !read_ok",
        "Error: R3 !read_ok",
        "I get `R3 !read_ok` on 6.1, why?",
        "When I load my program I get R3 !read_ok and I don't know why.",
        "* R3 !read_ok\n",
    ],
)
def test_a_message_alone_is_enough(text: str) -> None:
    block = error(text)
    assert (block.stage, block.lines) == (Stage.VERIFIER, ("R3 !read_ok",))


def test_two_lines_of_one_message_alone_are_one_block() -> None:
    text = "invalid access to packet, off=4 size=2, R2(id=0,off=4,r=0)\nR2 offset is outside of the packet\n"
    assert len(error(text).lines) == 2


def test_the_catalogue_decides_about_words_nobody_else_knows() -> None:
    text = "Hi,\nthe frobnicator of slot 3 is on fire\nbye\n"
    assert one(text).blocks == ()
    assert error(text, known=lambda line: "frobnicator" in line).lines == (
        "the frobnicator of slot 3 is on fire",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "Hello world.\nThis is a letter.\n",
        "Error: No such file or directory (os error 2)\n",
        "\0\0",
    ],
)
def test_a_text_without_bpf_is_one_transcript_without_blocks(text: str) -> None:
    part = one(text)
    assert part.blocks == ()
    assert not part.succeeded
    assert (part.log_start, part.log_end) == (0, 0)


# ---- what capture hands over


def test_a_captured_log_is_all_the_verifiers() -> None:
    text = "0: (95) exit\nError: I, the verifier of Linux 9.9, say why: libbpf: prog 'x'\n"
    part = captured(text, Verdict.REFUSED, errno=22)
    said = "Error: I, the verifier of Linux 9.9, say why: libbpf: prog 'x'"
    assert (part.blocks[0].lines, part.blocks[0].errno, part.blocks[0].insn) == ((said,), 22, 0)


def test_a_captured_refusal_with_an_empty_log() -> None:
    part = captured("", Verdict.NOT_LOADED, errno=1)
    assert (part.blocks[0].lines, part.blocks[0].errno, part.blocks[0].stage) == ((), 1, Stage.VERIFIER)


def test_a_captured_log_of_a_program_that_loads_has_no_block_whatever_it_says() -> None:
    part = captured("R0 invalid mem access 'scalar'\n" + STATS, Verdict.LOADS)
    assert part.succeeded
    assert part.blocks == ()


@pytest.mark.parametrize(
    ("stage", "verdict"), [(Stage.LOADER, Verdict.NOT_LOADED), (Stage.COMPILER, Verdict.NOT_COMPILED)]
)
def test_a_captured_failure_never_ends_in_silence(stage: Stage, verdict: Verdict) -> None:
    raw = raw_of("something odd\nthe ship sinks\n", stage, verdict, errno=5)
    (part,) = transcripts.read(raw, raw.data)
    assert part.blocks[0].lines == ("the ship sinks",)
    assert (part.blocks[0].stage, part.blocks[0].errno) == (stage, 5)


# ---- large texts


def _large(loader_words: str, lines: int = 90_000) -> str:
    step = "5: (79) r3 = *(u64 *)(r10 -8)         ; R3=0x%x R10=fp0\n6: (07) r3 += 1\n"
    walked = "".join(step % number for number in range(lines))
    return (
        f"{loader_words}libbpf: prog 'big': -- BEGIN PROG LOAD LOG --\n0: R1=ctx() R10=fp0\n{walked}"
        f"BPF program is too large. Processed 1000001 insn\n{STATS}-- END PROG LOAD LOG --\n"
        "libbpf: prog 'big': failed to load: -E2BIG\n"
    )


def test_a_large_log_is_understood_from_its_two_ends() -> None:
    text = _large("libbpf: prog 'big': BPF program load failed: -E2BIG\n")
    assert len(text) > 4 << 20
    part = one(text)
    assert (part.program, part.blocks[0].insn, part.blocks[0].errno) == ("big", 6, 7)
    assert part.blocks[0].lines == ("BPF program is too large. Processed 1000001 insn",)
    assert part.log_end - part.log_start > 4 << 20
    assert part.truncated is Truncated.NO


def test_a_large_log_whose_beginning_lies_behind_a_long_story() -> None:
    part = one(_large("a user's words\n" * 20_000))
    assert part.blocks[0].lines == ("BPF program is too large. Processed 1000001 insn",)
    assert part.log_end - part.log_start > 4 << 20


def test_precision_marks_between_the_last_instruction_and_the_message_may_fill_megabytes() -> None:
    marks = "mark_precise: frame0: regs=r1 stack= before 9: (57) r1 &= -4\n" * 80_000
    part = one("0: R1=ctx() R10=fp0\n17: (0f) r0 += r1\n" + marks + "R0 !read_ok\n" + STATS)
    assert (part.blocks[0].lines, part.blocks[0].insn) == (("R0 !read_ok",), 17)
