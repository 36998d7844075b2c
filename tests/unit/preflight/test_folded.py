"""Constants that keep a program from doing anything: told where nothing else is left, with other values."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bpfdoctor import capture
from bpfdoctor.model.preflight import Cause
from bpfdoctor.model.report import CaptureOptions, RawReport
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.preflight import folded
from bpfdoctor.preflight.hooks import hook_of
from bpfdoctor.source import Source
from tests.compilers import CLANG

HEAD = """\
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>

const volatile bool enabled = false;
const volatile unsigned target = 0;
const volatile struct { int level; int most; } config = { .most = 8 };
const volatile char wanted[16] = "";
unsigned long total;

static __noinline int count(unsigned number)
{
	total += number;
	return 0;
}

"""
TRACES, DROPS = "tracepoint/sched/sched_switch", "xdp"
#: (section, body) -> what has to be set, and what does nothing until then; None: nothing is to be told
BODIES = {
    (TRACES, "if (!enabled) return 0; return count(1);"): "--set enabled=1",
    (TRACES, "if (enabled) return count(1); return 0;"): "--set enabled=1",
    (TRACES, "if (!enabled || config.level < 3) return 0; return count(1);"): (
        "--set enabled=1 --set config.level=3"
    ),
    (TRACES, "for (int i = 0; i < config.level; i++) total++; return 0;"): "--set config.level=1",
    (TRACES, "if (!wanted[0]) return 0; return count(1);"): "--set wanted[0]=1",
    (TRACES, "if (enabled) return count(1); bpf_get_current_pid_tgid(); return 0;"): "--set enabled=1",
    (DROPS, "if (enabled && bpf_get_smp_processor_id() == 3) return XDP_DROP; return XDP_PASS;"): (
        "--set enabled=1"
    ),
    (TRACES, "if (target && bpf_get_smp_processor_id() != target) return 0; return count(1);"): None,
    (TRACES, "if (bpf_get_smp_processor_id() != target) return 0; return count(1);"): None,
    (TRACES, 'if (enabled) bpf_printk("on"); return count(1);'): None,
    (TRACES, 'bpf_printk("here"); if (!enabled) return 0; return count(1);'): None,
    (TRACES, "if (config.most < 3) return 0; return count(1);"): None,
    (TRACES, "return target;"): None,
    (DROPS, "if (!enabled) return XDP_PASS; return XDP_PASS;"): None,
    (DROPS, "if (bpf_get_smp_processor_id()) return XDP_DROP; return enabled ? XDP_TX : XDP_PASS;"): None,
}


@pytest.fixture(scope="module")
def raws(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RawReport]:
    """By name: one file with all of them."""
    path = tmp_path_factory.mktemp("folded") / "all.bpf.c"
    programs = ""
    for number, (section, body) in enumerate(BODIES):
        lines = body.replace("; ", ";\n")
        programs += f'SEC("{section}")\nint prog{number}(void *ctx)\n{{\n{lines}\n}}\n\n'
    path.write_text(HEAD + programs + 'char LICENSE[] SEC("license") = "GPL";\n')
    options = CaptureOptions(clang=CLANG, load=False, environment=dict(os.environ))
    return {raw.program.name or "": raw for raw in capture.check(path, options) if raw.program}


def causes(raw: RawReport) -> list[Cause]:
    hook = hook_of(raw)
    assert hook is not None
    return list(folded.look(hook, raw, Source(raw, Transcript(raw=raw, text=b""))))


@pytest.mark.parametrize("number", range(len(BODIES)), ids=[body for _, body in BODIES])
def test_what_a_loader_must_set(number: int, raws: dict[str, RawReport]) -> None:
    wanted = list(BODIES.values())[number]
    assert [each.values["settings"] for each in causes(raws[f"prog{number}"])] == ([wanted] if wanted else [])


def test_the_lines_that_nothing_reaches_and_the_test_are_told(raws: dict[str, RawReport]) -> None:
    [cause] = causes(raws["prog0"])
    lines = raws["prog0"].files[0].text.split("\n")
    assert cause.location is not None
    assert lines[cause.location.line - 1] == "if (!enabled) return 0;"
    dropped = re.fullmatch(r"lines (\d+) to (\d+) and (\d+)", cause.values["dropped"])
    assert dropped is not None
    first, last, own = map(int, dropped.groups())
    start = HEAD[: HEAD.index("static")].count("\n") + 1
    assert start <= first <= last <= start + 4  # the first is a compiler's choice
    assert lines[own - 1] == "return count(1);"
    assert cause.values["constants"] == ("enabled = 0",)


@pytest.mark.skipif(os.geteuid() != 0, reason="loading programs needs root")
def test_the_verifier_keeps_none_of_these_lines(tmp_path: Path, raws: dict[str, RawReport]) -> None:
    """What is said to be reached by nothing is nowhere among the lines that the kernel kept."""
    path = tmp_path / "prog.o"
    path.write_bytes(raws["prog0"].object or b"")
    told = {name: causes(raw) for name, raw in raws.items()}
    loaded = capture.check(path, CaptureOptions(verified_lines=True))
    for raw in loaded:
        name = (raw.program.name if raw.program else None) or ""
        kept = {line for _, line in raw.verified}
        for cause in told[name]:
            dropped = cause.values["dropped"]
            for first, last in re.findall(r"(\d+)(?: to (\d+))?", dropped) if "line" in dropped else ():
                assert kept.isdisjoint(range(int(first), int(last or first) + 1)), name
