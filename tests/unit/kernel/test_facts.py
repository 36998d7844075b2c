"""The facts we use are those that the kernels' sources say (corpus/kernel_facts.json records them)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bpfdoctor import resources
from bpfdoctor.kernel import calls, capabilities, helpers, kfuncs, registers, types
from bpfdoctor.kernel.versions import numbers, series

RECORD: dict[str, Any] = json.loads((resources.folder("corpus") / "kernel_facts.json").read_text())
KERNELS: list[str] = list(RECORD["kernels"])
# What a row has that no source says.
BY_HAND = ("since", "commit", "until", "released_by")


def rows(kind: str) -> dict[str, dict[str, Any]]:
    """The file that bpfdoctor reads."""
    file = resources.folder("corpus").parent / "bpfdoctor" / "kernel" / f"{kind}.json"
    return {row["name"]: row for row in json.loads(file.read_text())}


def recorded(kind: str) -> dict[str, list[dict[str, Any]]]:
    """What the kernels said of each name, oldest first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in RECORD[kind]:
        found.setdefault(row["name"], []).append(row)
    return {name: sorted(said, key=lambda row: KERNELS.index(row["to"])) for name, said in found.items()}


FILES = ("helpers", "kfuncs", "program_types", "map_types")


@pytest.mark.parametrize("kind", FILES)
def test_every_row_says_what_the_newest_kernel_says(kind: str) -> None:
    ours, theirs = rows(kind), recorded(kind)
    assert ours.keys() == theirs.keys()
    for name, row in ours.items():
        newest = theirs[name][-1]
        said = {key: value for key, value in newest.items() if key not in ("from", "to")}
        assert {key: value for key, value in row.items() if key not in BY_HAND} == said
        assert ("until" in row) == (newest["to"] != KERNELS[-1]), name


@pytest.mark.parametrize("kind", FILES)
def test_no_kernel_had_anything_before_its_first_version_or_lacked_it_after(kind: str) -> None:
    for name, row in rows(kind).items():
        first = recorded(kind)[name][0]["from"]
        assert numbers(row["since"]) <= series(first), name
        lacking = KERNELS[: KERNELS.index(first)]
        assert all(series(kernel) < numbers(row["since"]) for kernel in lacking), name


@pytest.mark.parametrize("kind", ["helpers", "program_types", "map_types"])
def test_numbers_are_nobody_elses(kind: str) -> None:
    ids = [row["id"] for row in rows(kind).values()]
    assert sorted(ids) == list(range(1, len(ids) + 1))


def test_the_verifiers_words_for_registers_are_known_since_they_were_printed() -> None:
    first: dict[str, str] = {}  # the oldest kernel that prints a word; up to 5.16 it has a modifier in it
    for word, said in recorded("register_kinds").items():
        bare = word.removeprefix("rdonly_").removeprefix("rdwr_").removeprefix("percpu_")
        first[bare] = min(first.get(bare, said[0]["from"]), said[0]["from"], key=KERNELS.index)
    assert registers.KINDS.keys() == first.keys()
    for word, kind in registers.KINDS.items():
        assert numbers(kind.since) <= series(first[word])
        lacking = KERNELS[: KERNELS.index(first[word])]
        assert all(series(kernel) < numbers(kind.since) for kernel in lacking), word


def test_the_modifiers_of_registers_are_the_kernels() -> None:
    messages = json.loads((resources.folder("corpus") / "messages.json").read_text())
    printed = {word.rstrip("_") for word in messages["vocabulary"]["reg_type_modifier"] if "null" not in word}
    assert printed <= set(registers.MODIFIERS) <= printed | {"rdwr"}  # part of a kind in the sources of 5.10


def test_capabilities_have_the_kernels_numbers() -> None:
    theirs = {name: said[-1]["id"] for name, said in recorded("capabilities").items()}
    ours = {name: value for name, value in vars(capabilities).items() if isinstance(value, int)}
    assert ours and ours.items() <= theirs.items()


def test_what_ends_a_reference_is_a_function_that_releases() -> None:
    for name in (*helpers.every(), *kfuncs.every()):
        assert all(map(calls.released_argument, calls.released_by(name))), name


def test_everything_that_acquires_says_what_ends_it() -> None:
    acquiring = {name for name, helper in helpers.every().items() if helper.acquires == "always"}
    acquiring |= {name for name, kfunc in kfuncs.every().items() if kfunc.acquires}
    # What it returns is of any type.
    assert {name for name in acquiring if not calls.released_by(name)} == {"bpf_kptr_xchg"}


@pytest.mark.parametrize(
    ("name", "moves"),
    [
        ("bpf_skb_set_tunnel_key", False),  # it changes what belongs to the packet, not where it is
        ("bpf_skb_change_type", False),
        ("bpf_reserve_hdr_opt", False),
        ("bpf_skb_change_head", True),
        ("bpf_tail_call", True),
        ("bpf_xdp_pull_data", True),  # a kfunc
        ("bpf_of_a_later_kernel", False),
    ],
)
def test_which_calls_move_the_packet(name: str, moves: bool) -> None:
    assert calls.moves_packet(name) is moves


@pytest.mark.parametrize(
    ("name", "argument"),
    [("bpf_ringbuf_submit", 1), ("bpf_kptr_xchg", 2), ("bpf_key_put", 1), ("bpf_list_pop_front", 0),
     ("mine_release", 1), ("bpf_map_lookup_elem", 0)],
)  # fmt: skip
def test_which_argument_is_released(name: str, argument: int) -> None:
    assert calls.released_argument(name) == argument


@pytest.mark.parametrize(
    ("name", "written", "buffer"),
    [
        ("bpf_load_hdr_opt", (2,), (2, 3)),
        ("bpf_map_pop_elem", (2,), None),
        ("bpf_dynptr_from_mem", (1, 4), None),
        ("bpf_csum_diff", (), None),
        ("bpf_get_current_comm", (1,), (1, 2)),
    ],
)
def test_what_a_helper_writes_through(
    name: str, written: tuple[int, ...], buffer: tuple[int, int] | None
) -> None:
    helper = helpers.every()[name]
    assert (helper.written, helper.buffer) == (written, buffer)


def test_types_and_numbers_are_looked_up() -> None:
    assert helpers.by_id()[181].name == "bpf_loop"
    assert (types.maps()[27].name, types.programs()["xdp"].id) == ("ringbuf", 6)
