"""C variables in registers and stack slots, judged by what the running verifier prints of them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfdoctor.formats.debug_info import DebugInfo
from bpfdoctor.formats.dwarf import Variables
from bpfdoctor.formats.elf import Elf
from bpfdoctor.model.trace import CalleeKind, Op, Step
from bpfdoctor.source import Source
from bpfdoctor.source.layout import Layout
from tests.compilers import CLANGS

from .kernel import compiled, file, log, needs_kernel, source, steps


def _look(clang: str, *flags: str) -> tuple[Source, list[Step]]:
    data = compiled("variables.bpf.c", clang, *flags)
    text = log(data, "look", 2)
    return source(text, "look", files=(file("variables.bpf.c"),), data=data), steps(text)


@needs_kernel
@pytest.mark.parametrize("dwarf", ["-gdwarf-4", "-gdwarf-5"])
@pytest.mark.parametrize("clang", CLANGS)
def test_a_local_covers_the_stack_bytes_that_its_initialiser_writes(clang: str, dwarf: str) -> None:
    found, walked = _look(clang, dwarf)
    writes = [s for s in walked if s.insn.op is Op.STORE and s.insn.dst == "r10"]
    assert writes
    for step in writes:
        assert step.insn.off is not None
        variable = found.stack_variable(step, step.insn.off)
        assert variable
        assert (variable.name, variable.type, variable.size, variable.offset) == (
            "wanted",
            "struct key",
            24,
            -24,
        )


@needs_kernel
@pytest.mark.parametrize("clang", CLANGS)
def test_an_array_on_the_stack_is_where_its_address_is_taken(clang: str) -> None:
    found, walked = _look(clang)
    call = next(s for s in walked if s.insn.callee == "bpf_skb_load_bytes")
    below = next(
        s for s in reversed(walked[: walked.index(call)]) if s.insn.dst == "r3" and s.insn.op is Op.ALU
    )
    assert below.insn.imm is not None
    variable = found.stack_variable(call, below.insn.imm)
    assert variable
    assert (variable.name, variable.type, variable.size) == ("head", "__u8[8]", 8)
    assert found.stack_variable(call, -512) is None


@needs_kernel
@pytest.mark.parametrize("clang", CLANGS)
def test_the_variable_behind_a_pointer_that_is_read(clang: str) -> None:
    found, walked = _look(clang)
    load = next(s for s in walked if s.insn.op is Op.LOAD and s.insn.size == 8)  # *count += 1
    assert found.variable(load, load.insn.src or "") == "count"
    context = next(s for s in walked if s.insn.op is Op.LOAD)
    assert found.variable(context, context.insn.src or "") == "skb"
    assert found.variable(context, "r10") is None


@needs_kernel
@pytest.mark.parametrize("clang", CLANGS)
def test_the_arguments_of_a_call_have_the_names_they_are_passed_under(clang: str) -> None:
    found, walked = _look(clang)
    helper = next(s for s in walked if s.insn.callee == "bpf_skb_load_bytes")
    assert [found.variable(helper, f"r{n}") for n in (1, 2, 3)] == ["skb", None, "head"]
    own = next(s for s in walked if s.insn.callee_kind is CalleeKind.SUBPROG)
    assert found.variable(own, "r1") == "head"


@needs_kernel
@pytest.mark.parametrize("clang", CLANGS)
def test_a_tested_pointer_has_the_name_in_the_condition(clang: str) -> None:
    found, walked = _look(clang)
    test = next(s for s in walked if s.insn.op is Op.BRANCH)
    assert found.variable(test, "r0") == "count"


@needs_kernel
def test_without_debug_information_the_source_line_names_the_pointer() -> None:
    text = log(compiled("packet.bpf.c"), "drop_dns")
    found = source(text, "drop_dns", files=(file("packet.bpf.c"),))
    last = steps(text)[-1]
    assert found.variables(last) == ()
    assert found.variable(last, last.insn.src or "") == "udp"
    assert found.variable(last, "r3") is None


@needs_kernel
def test_a_name_is_not_guessed_from_a_line_with_two_pointers() -> None:
    text = log(compiled("packet.bpf.c"), "count_bytes")
    found = source(text, "count_bytes", files=(file("packet.bpf.c"),))
    lines = {
        s.comment.line for s in steps(text) if s.comment and "ctx->data_end - ctx->data" in s.comment.text
    }
    assert lines == {69}
    both = next(s for s in steps(text) if s.comment and s.comment.text.startswith("void *data = "))
    assert found.variable(both, "r7") is None


def test_copies_of_one_pointer_are_told_apart_by_the_line() -> None:
    data = compiled("packet.bpf.c")
    elf = Elf.read(data)
    assert elf
    layout, variables = Layout(elf), Variables.from_elf(elf)
    block = layout.program("drop_dns")
    assert block and variables
    names = {v.name for at in range(block.count) for v in variables.at(block.name, block.start, at, 0)}
    assert {"ctx", "eth", "data_end"} <= names


@settings(deadline=None)  # the first one compiles
@given(st.integers(0, 100_000), st.binary(min_size=1, max_size=6))
def test_damaged_debug_information_gives_no_exception(at: int, junk: bytes) -> None:
    data = bytearray(compiled("variables.bpf.c"))
    elf = Elf.read(bytes(data))
    assert elf
    where = bytes(data).find(elf.data(".debug_info" if at % 2 else ".debug_abbrev"))
    start = where + at % 400
    data[start : start + len(junk)] = junk
    damaged = Elf.read(bytes(data))
    assert damaged
    variables = Variables(DebugInfo(damaged))
    for insn in range(0, 30, 3):
        variables.at("look", 0, insn, 32)


@settings(deadline=None)  # the first one compiles
@given(st.integers(0, 100_000), st.binary(min_size=1, max_size=6))
def test_a_damaged_object_gives_no_exception(at: int, junk: bytes) -> None:
    data = bytearray(compiled("variables.bpf.c"))
    data[at % len(data) : at % len(data) + len(junk)] = junk
    found = source("", "look", data=bytes(data))
    found.place_at(3), found.map("seen"), found.member("struct key", 0, 1)


@settings(deadline=None)  # the first one compiles
@given(st.integers(0, 20_000))
def test_an_object_that_is_cut_off_gives_no_exception(length: int) -> None:
    found = source("", "look", data=compiled("variables.bpf.c")[:length])
    found.place_at(3), found.map("seen"), found.member("struct key", 0, 1)
