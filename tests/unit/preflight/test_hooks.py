"""What a section's or a function's name says about where its program is attached."""

from __future__ import annotations

import pytest

from bpfdoctor.model.preflight import Cause, Hook, HookKind
from bpfdoctor.preflight import checks, sections
from bpfdoctor.preflight.checks import tracepoint
from bpfdoctor.preflight.system.host import Host


@pytest.mark.parametrize(
    ("section", "kind", "target", "options"),
    [
        ("kprobe/do_unlinkat", HookKind.KPROBE, "do_unlinkat", {}),
        ("kprobe/do_unlinkat+0x10", HookKind.KPROBE, "do_unlinkat", {"offset": 16}),
        ("?kretprobe/vfs_read", HookKind.KRETPROBE, "vfs_read", {}),
        ("ksyscall/openat", HookKind.KSYSCALL, "openat", {}),
        ("kprobe.multi/vfs_*", HookKind.KPROBE_MULTI, "vfs_*", {}),
        ("tp/sched/sched_switch", HookKind.TRACEPOINT, "sched:sched_switch", {}),
        ("raw_tp.w/bpf_test", HookKind.RAW_TRACEPOINT, "bpf_test", {"writes": True}),
        ("fentry.s/vfs_read", HookKind.FENTRY, "vfs_read", {"sleeps": True}),
        ("lsm/file_open", HookKind.LSM, "file_open", {}),
        ("xdp.frags", HookKind.XDP, "", {"frags": True}),
        ("cgroup/connect4", HookKind.CGROUP, "connect4", {}),
        ("cgroup_skb/egress", HookKind.CGROUP, "egress", {}),
        ("uprobe//bin/bash:readline", HookKind.UPROBE, "/bin/bash:readline", {}),
        ("my_own_section", HookKind.OTHER, "", {"section": "my_own_section"}),
    ],
)
def test_a_section_names_the_hook(
    section: str, kind: HookKind, target: str, options: dict[str, object]
) -> None:
    hook = sections.of_section("prog", section)
    assert (hook.kind, hook.target, hook.options) == (kind, target, options)


def test_bcc_attaches_what_is_named_so() -> None:
    hook = sections.of_name("tracepoint__sched__sched_switch")
    assert hook is not None
    assert (hook.kind, hook.target) == (HookKind.TRACEPOINT, "sched:sched_switch")
    assert sections.of_name("count_reads") is None


def test_a_program_of_the_type_kprobe_may_be_for_a_uprobe() -> None:
    found = list(checks.look(Hook("on_query", HookKind.KPROBE), Host()))
    assert found and not [each for each in found if isinstance(each, Cause)]


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("^no_function_begins_so", "kernel-pattern-empty"), ("(a+)+$", "(a+)+$"), ("[", "["), ("^vfs_", None)],
)
def test_a_pattern_of_bccs(pattern: str, said: str | None) -> None:
    host = Host()
    if host.config("KPROBES") == "n":
        said = "no-kprobes" if said in (None, "kernel-pattern-empty") else said
    found = list(checks.look(Hook("f", HookKind.KPROBE, options={"pattern": pattern}), host))
    told = [each.rule if isinstance(each, Cause) else each.why for each in found]
    assert (not told) if said is None else (len(told) == 1 and said in told[0])


class WithEvents(Host):
    events = frozenset({"sched:sched_switch", "sched:sched_wakeup"})
    shows_modules = True


@pytest.mark.parametrize(("pattern", "rules"), [("sched:sched_sw", []), ("sched_", ["kernel-pattern-empty"])])
def test_a_pattern_of_tracepoints_is_compared_from_their_category_on(pattern: str, rules: list[str]) -> None:
    hook = Hook("f", HookKind.TRACEPOINT, options={"loader": "bcc", "pattern": pattern})
    found = list(tracepoint._event(hook, WithEvents()))
    assert [each.rule for each in found if isinstance(each, Cause)] == rules
    assert len(found) == len(rules)
