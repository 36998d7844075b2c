"""The other ways in which BCC can compile a program."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor.capture.bcc_variants import BccVariants
from bpfdoctor.model.report import CaptureOptions
from tests.unit.capture.running import Write

# The index is below a number that is tested after it: at no level does BCC's LLVM turn that round.
TWO_NUMBERS = """\
BPF_ARRAY(table, u64, 64);

struct slots { u64 at[64]; };
BPF_PERCPU_ARRAY(slots, struct slots, 1);

int kprobe__do_nanosleep(void *ctx)
{
	int zero = 0;
	struct slots *s = slots.lookup(&zero);
	u64 a = bpf_ktime_get_ns(), b = bpf_get_current_pid_tgid();

	if (!s || a >= b || b > 64)
		return 0;
	s->at[a]++;
	return 0;
}
"""


def test_the_users_own_level_is_not_tried_again() -> None:
    asked = BccVariants(Path("tool.c"), CaptureOptions(cflags=("-O3", "-DX")), "bcc 0.26.0")
    assert [way.name for way in asked.ways()] == ["-Os", "-O1"]


@pytest.mark.usefixtures("kernel")
def test_a_level_is_tried_by_bcc_itself(write: Write) -> None:
    path = write("tool.c", TWO_NUMBERS)
    asked = BccVariants(path, CaptureOptions(), "bcc")
    [answer] = asked.answers(asked.ways()[:1], ["kprobe__do_nanosleep"], seconds=30)
    assert (answer.way.name, dict(answer.loads), answer.refused) == ("-Os", {}, ("kprobe__do_nanosleep",))
    line = TWO_NUMBERS.splitlines().index("\ts->at[a]++;") + 1
    assert answer.touches is not None and f"tool.c:{line}" in answer.touches
