"""A section's name is a label where the loader's own text names the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.model.preflight import Cause, Hook, HookKind
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.preflight import loader_text
from bpfdoctor.preflight.flight import flight_of
from bpfdoctor.preflight.sections import of_section
from bpfdoctor.preflight.wants import wants_of
from tests.unit.preflight.test_labels import WithCalls

CILIUM = "module a\n\nrequire (\n\tgithub.com/cilium/ebpf v0.15.0\n)\n"
LIBBPFGO = "module a\nrequire github.com/aquasecurity/libbpfgo v0.7.0\n"
WITH_C = "int main(void) { skel->links.a = bpf_program__attach_kprobe(skel->progs.%s, false, name); }\n"
WITH_RUST = "    let link = skel.progs.%s.attach_kprobe(false, name)?;\n"


@pytest.mark.parametrize(
    ("beside", "source", "is_label"),
    [
        ({}, "a.bpf.c", False),
        ({"go.mod": CILIUM}, "bpf/a.bpf.c", True),
        ({"go.mod": CILIUM.replace("v0.15.0", "v0.15.0 // indirect")}, "bpf/a.bpf.c", False),
        ({"go.mod": LIBBPFGO, "main.go": "_, err = prog.AttachKprobe(name) // libbpfgo"}, "a.bpf.c", True),
        ({"go.mod": LIBBPFGO, "main.go": "_, err = prog.AttachGeneric() // libbpfgo"}, "a.bpf.c", False),
        ({"Cargo.toml": '[dependencies]\naya = "0.13"\n'}, "bpf/a.bpf.c", True),
        ({"Cargo.toml": '[dependencies]\nlibbpf-rs = "0.24"\n'}, "bpf/a.bpf.c", False),
        ({"main.c": WITH_C % "prog"}, "bpf/a.bpf.c", True),
        ({"main.c": WITH_C % "program"}, "bpf/a.bpf.c", False),  # of another program
        ({"src/main.rs": WITH_RUST % "prog"}, "src/a.bpf.c", True),
        ({}, "app.bpf.o", False),
        ({}, "app_bpfel.o", True),  # as bpf2go names what it makes
    ],
)
def test_whose_sections_are_labels(
    beside: dict[str, str], source: str, is_label: bool, tmp_path: Path
) -> None:
    for name, text in beside.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    raw = RawReport(b"", str(tmp_path / source), Flavour.LIBBPF, Stage.LOADER)
    hook = of_section("prog", "kprobe/no_such_function")
    flight = flight_of(replace(hook, wants=wants_of(raw, hook)), WithCalls(), catalogue.load(), loads=True)
    assert [each.rule for each in flight.causes] == ([] if is_label else ["kernel-function-missing"])


CALLS = """
	a, err := link.Kprobe("no_such_function", objs.TcpSendmsg, nil)
	b, err := link.Tracepoint("syscalls", "sys_enter_openat", objs.HandleOpen, nil)
	c, err := link.Kprobe("one", objs.Both, nil)
	d, err := link.Kprobe("two", objs.Both, nil)
	e, err := s.addKprobe("mine", objs.Wrapped)
	// import "github.com/cilium/ebpf"
"""


@pytest.mark.parametrize(
    ("program", "kind", "target", "line"),
    [
        ("tcp_sendmsg", HookKind.KPROBE, "no_such_function", 2),
        ("handle_open", HookKind.TRACEPOINT, "syscalls:sys_enter_openat", 3),
        ("both", HookKind.KRETPROBE, "label", None),  # attached to two functions
        ("wrapped", HookKind.KRETPROBE, "label", None),  # what the function of its own does is not known
    ],
)
def test_a_call_names_the_place(
    program: str, kind: HookKind, target: str, line: int | None, tmp_path: Path
) -> None:
    (tmp_path / "go.mod").write_text(CILIUM)
    (tmp_path / "main.go").write_text(CALLS)
    hook = loader_text.as_called(of_section(program, "kretprobe/label"), str(tmp_path / "a.bpf.c"))
    assert (hook.kind, hook.target) == (kind, target)
    assert (hook.location.line if hook.location else None) == line
    assert bool(loader_text.chooses(hook, str(tmp_path / "a.bpf.c"))) is (line is None)


def test_what_a_call_names_has_to_be_there(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text(CILIUM)
    (tmp_path / "main.go").write_text(CALLS)
    raw = RawReport(b"", str(tmp_path / "a.bpf.c"), Flavour.LIBBPF, Stage.LOADER)
    hook = loader_text.as_called(of_section("tcp_sendmsg", "kprobe/label"), raw.source)
    flight = flight_of(replace(hook, wants=wants_of(raw, hook)), WithCalls(), catalogue.load(), loads=True)
    assert [each.rule for each in flight.causes] == ["kernel-function-missing"]


def test_what_is_said_of_the_moment_is_not_said_of_a_label(tmp_path: Path) -> None:
    """A program that is named kprobe/… may be called where another returns."""
    shown = [Cause("registers-of-other-moment", {}), Cause("thread-id-filter", {})]
    hook: Hook = of_section("prog", "kprobe/no_such_function")
    raw = RawReport(b"", str(tmp_path / "a_bpfel.o"), Flavour.LIBBPF, Stage.LOADER)
    labelled = replace(hook, wants=wants_of(raw, hook))
    flight = flight_of(labelled, WithCalls(), catalogue.load(), shown, loads=True)
    assert [each.rule for each in flight.causes] == ["thread-id-filter"]
