"""A patch that changes what a program does is told from one that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor.experiments import meaning, recorded
from bpfdoctor.machine.concrete.program import Runnable
from tests.unit.machine.concrete.test_kernel_agrees import calls

# It may follow NULL; with a NULL test it does for every other input what it did.
REFUSED = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
\t__uint(type, BPF_MAP_TYPE_HASH);
\t__uint(max_entries, 16);
\t__type(key, __u32);
\t__type(value, __u64);
} seen SEC(".maps");

SEC("xdp")
int count(struct xdp_md *ctx)
{
\t__u32 key = ctx->rx_queue_index;
\t__u64 *n = bpf_map_lookup_elem(&seen, &key), start = 1;

\t*n += 1;
\tbpf_map_update_elem(&seen, &key, &start, BPF_NOEXIST);
\treturn XDP_PASS;
}
"""
TESTED = REFUSED.replace("\t*n +=", "\tif (!n)\n\t\treturn XDP_PASS;\n\t*n +=")
OTHERS = {
    "returns something else": (TESTED.replace("return XDP_PASS;\n}", "return XDP_DROP;\n}"), "returns 1"),
    "writes something else": (TESTED.replace("*n += 1", "*n += 2"), "seen"),
    "leaves a call out": (TESTED.replace("\tbpf_map_update_elem", "\tif (0) bpf_map_update_elem"), "nothing"),
    "calls twice": (TESTED.replace("\treturn XDP_PASS;\n}", "\tbpf_map_delete_elem(&seen, &key);\n"
                                   "\treturn XDP_PASS;\n}"), "bpf_map_delete_elem"),
    "does nothing": (TESTED.replace("if (!n)", "if (n || !n)"), "nothing"),
}  # fmt: skip


def program(text: str, tmp_path: Path) -> Runnable:
    source = tmp_path / "count.bpf.c"
    source.write_text(text)
    (asked,) = calls(source, tmp_path, "count").values()
    (found,) = recorded.programs(asked, b"")
    return found


def test_a_null_test_keeps_the_meaning(tmp_path: Path) -> None:
    told = meaning.compared(program(REFUSED, tmp_path), program(TESTED, tmp_path), seconds=10)
    assert told.differs == ""
    assert told.runs > 50


@pytest.mark.parametrize("change", OTHERS)
def test_another_change_does_not(change: str, tmp_path: Path) -> None:
    text, said = OTHERS[change]
    told = meaning.compared(program(REFUSED, tmp_path), program(text, tmp_path), seconds=10)
    assert said in told.differs


def test_inputs_are_about_the_numbers_of_the_patch_too(tmp_path: Path) -> None:
    """Nothing in the refused program says that 3501 of 2^32 ports is another case."""
    refused = REFUSED.replace("key = ctx->rx_queue_index", "key = ctx->rx_queue_index, port = key")
    refused = refused.replace("return XDP_PASS", "return port ? XDP_PASS : XDP_DROP")
    other = refused.replace("return port", "return port && port != 3501")
    told = meaning.compared(program(refused, tmp_path), program(other, tmp_path), seconds=10)
    assert "returns" in told.differs


def at(found: Runnable, text: str, line: str) -> frozenset[int]:
    """The slots of a line of the source."""
    return found.slots_of({("count.bpf.c", text[: text.index(line)].count("\n") + 1)})


def test_a_patch_is_no_fix_when_the_program_never_comes_to_what_was_refused(tmp_path: Path) -> None:
    before = program(REFUSED, tmp_path)
    use = "*n += 1"
    reached = {}
    for name, text in (("fix", TESTED), ("way out", TESTED.replace("if (!n)", "if (start)"))):
        after = program(text, tmp_path)
        refused = meaning.Refused(at(before, REFUSED, use), at(after, text, use))
        assert refused.before
        reached[name] = meaning.compared(before, after, 10, refused).reached or 0
    assert reached["fix"] > 20
    assert reached["way out"] == 0
