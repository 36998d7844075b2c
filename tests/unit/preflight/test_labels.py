"""A section that names no place: nobody knows what its loader does, so nothing is claimed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.formats.kallsyms import Symbols
from bpfdoctor.model.preflight import Answer, Wants
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.preflight.flight import flight_of
from bpfdoctor.preflight.sections import of_section
from bpfdoctor.preflight.system.host import Host
from bpfdoctor.preflight.wants import wants_of
from tests.compilers import CLANG, HEADERS

CALLED = Wants("raw_tracepoint", map_types=(("tails", 3),))


@pytest.mark.parametrize(
    ("section", "wants", "answer"),
    [
        ("raw_tp/no_such_event", Wants(), Answer.WILL_NOT),
        ("raw_tp/prog", Wants(), Answer.UNKNOWN),  # its own name
        ("raw_tp/no_such_event", CALLED, Answer.UNKNOWN),
        ("raw_tp/sched_swich", CALLED, Answer.WILL_NOT),  # sched_switch may be meant
        ("raw_tp/sched_swich", Wants(called_from="tails"), Answer.UNKNOWN),
        ("fentry/tc", Wants(), Answer.UNKNOWN),  # another program of BPF
        ("fentry/generic_fentry", Wants(), Answer.UNKNOWN),
        ("lsm/generic_lsm_core", Wants(), Answer.UNKNOWN),
        ("uprobe/dummy:SSL_read", Wants(), Answer.UNKNOWN),
        ("uprobe/no-such-file:SSL_read", Wants(), Answer.WILL_NOT),
    ],
)
def test_a_label_is_no_place(section: str, wants: Wants, answer: Answer) -> None:
    hook = replace(of_section("prog", section), wants=wants)
    assert flight_of(hook, Host(), catalogue.load(), loads=True).answer is answer


class WithCalls(Host):
    """A kernel with kprobes, and its functions for two system calls."""

    def config(self, option: str) -> str:
        return "y"

    symbols = Symbols(b"ffffffff81000000 T __x64_sys_dup\nffffffff81000100 T __x64_sys_openat\n")
    traceable = frozenset({"__x64_sys_dup", "__x64_sys_openat"})


def test_a_program_that_is_called_may_be_named_like_a_system_call() -> None:
    hook = replace(of_section("prog", "kprobe/sys_dup"), wants=CALLED)
    flight = flight_of(hook, WithCalls(), catalogue.load(), loads=True)
    assert flight.unknown[0].startswith(
        "nothing here is called sys_dup (it is __x64_sys_dup): another program"
    )
    alone = flight_of(replace(hook, wants=Wants()), WithCalls(), catalogue.load(), loads=True)
    assert [each.rule for each in alone.causes] == ["system-call-name"]


TAILS = """
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
int listed(void *ctx);
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__array(values, int(void *));
} other SEC(".maps"), tails SEC(".maps") = { .values = { [1] = (void *)&listed } };
SEC("raw_tp/entry") int entry(void *ctx) { bpf_tail_call(ctx, &tails, 1); return 0; }
SEC("raw_tp/listed") int listed(void *ctx) { return 0; }
"""


def test_the_map_that_lists_a_program_is_read_from_the_object(tmp_path: Path) -> None:
    source, made = tmp_path / "tails.bpf.c", tmp_path / "tails.o"
    source.write_text(TAILS)
    command = [CLANG, "-target", "bpf", "-g", "-O2", f"-I{HEADERS}", "-c", str(source), "-o", str(made)]
    subprocess.run(command, check=True)
    raw = RawReport(b"", "tails.o", Flavour.LIBBPF, Stage.LOADER, object=made.read_bytes())
    found = [wants_of(raw, of_section(name, f"raw_tp/{name}")).called_from for name in ("entry", "listed")]
    assert found == ["", "tails"]


@pytest.mark.parametrize(
    ("section", "in_go", "said"),
    [
        ("kprobe/sys_dup", True, "nothing here is called sys_dup: libbpf would fail, and cilium/ebpf takes"),
        ("kprobe/sys_dup", False, ""),
        ("fentry/sys_dup", True, ""),  # only its kprobes try the other name
        ("kprobe/__arm64_sys_dup", True, "its loader, which uses cilium/ebpf, names the place"),
        ("kprobe/__arm64_sys_dup", False, ""),  # of another machine
    ],
)
def test_what_cilium_ebpf_takes_is_a_condition(section: str, in_go: bool, said: str, tmp_path: Path) -> None:
    if in_go:
        (tmp_path / "go.mod").write_text("module a\nrequire github.com/cilium/ebpf v0.15.0\n")
    source = tmp_path / "bpf" / "a.bpf.c"
    raw = RawReport(b"", str(source), Flavour.LIBBPF, Stage.LOADER)
    hook = of_section("prog", section)
    flight = flight_of(replace(hook, wants=wants_of(raw, hook)), WithCalls(), catalogue.load(), loads=True)
    assert [each.rule for each in flight.causes] == ([] if said else ["system-call-name"])
    assert said in "".join(flight.unknown)
