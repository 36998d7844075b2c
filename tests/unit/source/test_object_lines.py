"""From instruction numbers to lines and columns, judged by what the running kernel prints."""

from __future__ import annotations

import pytest

from bpfdoctor.formats.btf import Btf
from bpfdoctor.formats.btf_ext import BtfExt
from bpfdoctor.formats.elf import Elf
from bpfdoctor.model.trace import Op
from bpfdoctor.source.layout import Layout
from tests.compilers import CLANG, CLANGS

from .kernel import compiled, file, linked, log, needs_kernel, program_names, source, steps

OBJECTS = [(name, clang) for name in ("packet.bpf.c", "linked.bpf.c") for clang in CLANGS]


@needs_kernel
@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize(("name", "clang"), OBJECTS)
def test_every_instruction_has_the_line_that_the_kernel_prints(name: str, clang: str, level: int) -> None:
    assert _judged(compiled(name, clang), level) > 30


@needs_kernel
@pytest.mark.parametrize("clang", CLANGS)
def test_objects_that_libbpf_has_linked_keep_their_lines(clang: str) -> None:
    both = [compiled(name, clang) for name in ("packet.bpf.c", "variables.bpf.c")]
    assert _judged(linked(*both), 2) > 100


def _judged(data: bytes, level: int) -> int:
    """Compares every instruction of every program's log; how many there were."""
    count = 0
    elf = Elf.read(data)
    assert elf
    btf = Btf.from_elf(elf)
    assert btf
    ext = BtfExt.from_elf(elf, btf)
    assert ext
    layout = Layout(elf, btf)
    assert sorted(block.name for block in layout.programs) == sorted(program_names(data))
    for block in layout.programs:
        walked = steps(log(data, block.name, level))
        for step in walked:
            spot = layout.spot(block, step.insn.index)
            assert spot and step.comment
            assert layout.opcode(spot) == step.insn.opcode
            info = ext.line(spot.section, spot.insn)
            assert info
            printed = (step.comment.file, step.comment.line, step.comment.text)
            assert (info.file.rsplit("/", 1)[-1], info.line, info.text.lstrip()) == printed
            count += 1
    return count


@pytest.mark.parametrize("clang", CLANGS)
def test_a_big_endian_object_reads_like_a_little_endian_one(clang: str) -> None:
    def described(data: bytes) -> list[object]:
        elf = Elf.read(data)
        assert elf
        btf = Btf.from_elf(elf)
        assert btf
        ext = BtfExt.from_elf(elf, btf)
        assert ext
        layout = Layout(elf, btf)
        return [btf.maps, ext.lines, [(p, layout.linked(p), layout.stack_size(p)) for p in layout.programs]]

    little, big = (compiled("linked.bpf.c", clang, "-target", target) for target in ("bpfel", "bpfeb"))
    assert described(little) == described(big)


@needs_kernel
def test_functions_are_linked_in_the_order_of_the_first_call_depth_first() -> None:
    elf = Elf.read(compiled("linked.bpf.c"))
    assert elf
    layout = Layout(elf)
    order = {block.name: [function.name for _, function in layout.linked(block)] for block in layout.programs}
    assert order == {
        "forward": ["forward", "add", "deepest", "outer", "middle", "last"],
        "backward": ["backward", "last", "outer", "middle", "deepest"],
    }


def test_a_program_is_found_by_the_fifteen_characters_that_the_kernel_keeps() -> None:
    elf = Elf.read(compiled("linked.bpf.c"))
    assert elf
    layout = Layout(elf)
    assert layout.program("forward") == layout.program(section="tc")
    assert layout.program("nobody") is None
    assert layout.program() is None  # there are two


def test_an_instruction_behind_the_end_of_the_program_is_nowhere() -> None:
    elf = Elf.read(compiled("linked.bpf.c"))
    assert elf
    layout = Layout(elf)
    block = layout.program("forward")
    assert block
    last, function = layout.linked(block)[-1]
    assert layout.spot(block, last + function.count - 1)
    assert layout.spot(block, last + function.count) is None


@needs_kernel
@pytest.mark.parametrize("clang", CLANGS)
def test_the_place_of_the_refused_access_is_the_member_that_is_read(clang: str) -> None:
    user, data = file("packet.bpf.c"), compiled("packet.bpf.c", clang)
    text = log(data, "drop_dns")
    place = source(text, "drop_dns", files=(user,), data=data).place(steps(text)[-1])
    assert place
    assert place.file == user.path
    line = user.text.split("\n")[place.line - 1]
    assert line == "\tif (udp->dest == bpf_htons(53))"
    assert place.column and place.end_column
    assert line[place.column - 1 : place.end_column - 1] == "dest"
    assert place.function == "drop_dns"
    assert place.text == line.strip()


@needs_kernel
@pytest.mark.parametrize("clang", CLANGS)
def test_an_access_by_an_assigning_operator_is_its_left_side(clang: str) -> None:
    user, data = file("packet.bpf.c"), compiled("packet.bpf.c", clang)
    text = log(data, "count_bytes")
    place = source(text, "count_bytes", files=(user,), data=data).place(steps(text)[-1])
    assert place and place.column and place.end_column
    line = user.text.split("\n")[place.line - 1]
    assert line[place.column - 1 : place.end_column - 1] == "flow->bytes"
    assert place.function == "count"  # where the line is, though the compiler inlined it


@needs_kernel
@pytest.mark.parametrize("clang", CLANGS)
def test_a_branch_is_the_whole_test(clang: str) -> None:
    user, data = file("packet.bpf.c"), compiled("packet.bpf.c", clang)
    text = log(data, "drop_dns")
    made = source(text, "drop_dns", files=(user,), data=data)
    tested = []
    for step in steps(text):
        place = made.place(step) if step.insn.op is Op.BRANCH else None
        if place and place.column and place.end_column:
            tested.append(user.text.split("\n")[place.line - 1][place.column - 1 : place.end_column - 1])
    assert tested == [
        "data + sizeof(*eth) + sizeof(*ip) > data_end",
        "(void *)(ip + 1) > data_end",
        "protocol(ctx, 14) != 17",
    ]


@needs_kernel
def test_columns_come_from_the_object_where_the_kernel_prints_no_lines() -> None:
    from .kernel import unnumbered

    user, data = file("packet.bpf.c"), compiled("packet.bpf.c")
    new, old = log(data, "drop_dns"), unnumbered(log(data, "drop_dns"))
    on_new = source(new, "drop_dns", files=(user,), data=data)
    on_old = source(old, "drop_dns", files=(user,), data=data)
    pairs = [*zip(steps(new), steps(old), strict=True)]
    assert len(pairs) > 10
    for one, other in pairs:
        assert other.comment and other.comment.line is None
        assert on_new.place(one) == on_old.place(other)


@needs_kernel
def test_a_log_of_another_object_is_not_explained_with_this_one() -> None:
    user, text = file("packet.bpf.c"), log(compiled("packet.bpf.c"), "drop_dns")
    other = compiled("packet.bpf.c", CLANG, "-DMORE", "-include", "linux/types.h", "-O1")
    last = steps(text)[-1]
    found = source(text, "drop_dns", files=(user,), data=other).place(last)
    assert found and last.comment
    assert found.line == last.comment.line  # the log's own word


@needs_kernel
def test_a_file_that_has_changed_since_is_not_pointed_into() -> None:
    from bpfdoctor.model.report import SourceFile

    data = compiled("packet.bpf.c")
    text = log(data, "drop_dns")
    changed = SourceFile("packet.bpf.c", "\n\n" + file("packet.bpf.c").text)
    place = source(text, "drop_dns", files=(changed,), data=data).place(steps(text)[-1])
    assert place
    assert place.file != changed.path
    assert place.text == "if (udp->dest == bpf_htons(53))"


@needs_kernel
def test_an_object_alone_gives_file_line_column_and_text() -> None:
    data = compiled("packet.bpf.c")
    text = log(data, "drop_dns")
    place = source(text, "drop_dns", data=data).place(steps(text)[-1])
    assert place
    assert place.file.endswith("packet.bpf.c")
    assert (place.line, place.column, place.function) == (59, 11, "drop_dns")
    assert place.text == "if (udp->dest == bpf_htons(53))"


@needs_kernel
def test_the_place_of_an_instruction_that_only_has_a_number() -> None:
    user, data = file("packet.bpf.c"), compiled("packet.bpf.c")
    text = log(data, "drop_dns")
    last = steps(text)[-1]
    for known in (data, None):
        made = source(text, "drop_dns", files=(user,), data=known)
        at = made.place_at(last.insn.index)
        assert at and at.line == 59
        assert made.place_at(9999) is None
