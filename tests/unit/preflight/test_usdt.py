"""USDT probes that are never hit, or whose arguments are not what the program takes them for."""

from __future__ import annotations

import os
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest

from bpfdoctor.capture import python_tool
from bpfdoctor.model.preflight import Cause, Hook, HookKind, NotKnown
from bpfdoctor.model.report import Flavour, RawReport, SourceFile, Stage
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.preflight import checks, tool_hooks
from bpfdoctor.preflight.system import binary
from bpfdoctor.preflight.system.host import Host
from bpfdoctor.source import Source
from tests.unit.formats.usdt_programs import built
from tests.unit.preflight.hits import LOOP, hits, running

counts = pytest.mark.skipif(os.geteuid() != 0, reason="uprobes need root")
HERE = Host()

#: sold is skipped while its counter is 0, priced is at two places, closed has two providers
PROBED = (
    LOOP
    + r"""
SEMAPHORE(watched);
__attribute__((noinline)) int work(int n) {
    if (watched)
        PROBE("shop", "sold", "watched", "-4@%0", "r"(n));
    PROBE("shop", "priced", "0", "-4@%0 8@%1", "r"(n), "r"((long)n));
    if (n & 1)
        PROBE("shop", "priced", "0", "-4@%0 8@%1", "r"(n), "r"((long)n + 1));
    PROBE("shop", "closed", "0", "", "r"(n));
    PROBE("bank", "closed", "0", "", "r"(n));
    return n;
}
"""
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("usdt"), PROBED)


def found(probe: str, **options: Any) -> list[Cause | NotKnown]:
    """What is said of BCC's USDT(path=…, pid=…).enable_probe(probe, …)."""
    provider, _, name = probe.rpartition(":")
    given = {"loader": "bcc", "provider": provider, "probe": name, **options}
    return list(checks.look(Hook("f", HookKind.USDT, probe, options=given), HERE))


def rules(answer: list[Cause | NotKnown]) -> list[str]:
    return [each.rule for each in answer if isinstance(each, Cause)]


def test_a_probe_that_is_there(program: Path) -> None:
    assert found("priced", file=str(program)) == found("shop:priced", file=str(program)) == []
    of_libbpf = Hook("f", HookKind.USDT, f"{program}:shop:sold", section="usdt")
    assert list(checks.look(of_libbpf, HERE)) == []  # libbpf has the kernel raise the counter


@pytest.mark.parametrize(
    ("probe", "rule"),
    [
        ("prized", "usdt-probe-missing"),
        ("bank:priced", "usdt-other-provider"),
        ("closed", "usdt-two-providers"),
        ("sold", "usdt-needs-process"),
    ],
)
def test_what_bcc_does_not_enable(program: Path, probe: str, rule: str) -> None:
    assert rules(found(probe, file=str(program))) == [rule]
    asked = f"from bcc import USDT; USDT(path={str(program)!r}).enable_probe(probe={probe!r}, fn_name='f')"
    done = subprocess.run(["/usr/bin/python3", "-c", asked], capture_output=True, text=True, check=False)
    assert "USDTException" in done.stderr


def test_a_program_without_probes(tmp_path: Path) -> None:
    assert rules(found("sold", file=str(built(tmp_path, "int main(void) { return 0; }")))) == [
        "usdt-no-probes"
    ]


@counts
def test_a_counter_that_is_raised_in_the_process(program: Path) -> None:
    here = binary.opened(str(program))
    assert here is not None and here.program is not None
    (sold,) = (each for each in here.usdt if each.name == "sold")
    (priced, _) = (each for each in here.usdt if each.name == "priced")
    with running(program) as process:
        assert found("sold", pid=process.pid) == found("sold", pid=process.pid, file=str(program)) == []
        as_uprobe = {"loader": "bcc", "file": str(program), "address": sold.address, "pid": process.pid}
        hook = Hook("f", HookKind.UPROBE, "", options=as_uprobe)
        assert rules(list(checks.look(hook, HERE))) == ["usdt-semaphore"]
        for place, expected in ((sold, 0), (priced, 5)):
            offset = here.program.offset_of(place.address)
            assert offset is not None
            assert hits(program, offset, process) == expected


@counts
def test_a_process_of_another_program(program: Path, tmp_path: Path) -> None:
    other = built(tmp_path, LOOP + "int work(int n) { return n; }", name="other")
    with running(other) as process:
        assert rules(found("priced", file=str(program), pid=process.pid)) == ["process-runs-other"]
        assert rules(found("priced", pid=process.pid)) == ["usdt-no-probes"]


def _of_tool(tmp_path: Path, program: Path, text: str) -> list[Cause | NotKnown]:
    """What is said of a tool that enables shop:priced."""
    tool = tmp_path / "tool.py"
    source = (
        f"from bcc import BPF, USDT\ntext = '''\n{textwrap.dedent(text)}'''\n"
        f"u = USDT(path={str(program)!r})\nu.enable_probe(probe='shop:priced', fn_name='on_price')\n"
        "b = BPF(text=text, usdt_contexts=[u])\n"
    )
    (call,) = python_tool.follow(source, tool).attaches
    c = SourceFile("prog.c", textwrap.dedent(text))
    raw = RawReport(b"", str(tool), Flavour.PYTHON, Stage.LOADER, files=(c, SourceFile(str(tool), source)))
    hook = tool_hooks.hook_of(call, raw, Source(raw, Transcript(raw=raw, text=b"")))
    assert hook is not None and hook.location is not None
    assert hook.location.line == source[: source.index("u.enable")].count("\n") + 1
    return list(checks.look(hook, HERE))


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("int x = 0; bpf_usdt_readarg(1, ctx, &x);", ""),
        ("u64 x = 0; bpf_usdt_readarg(2, ctx, &x);", ""),
        ("struct unheard_of x; bpf_usdt_readarg(1, ctx, &x);", ""),
        ("u64 x = 0; bpf_usdt_readarg(1, ctx, &x);", "usdt-argument-size"),
        ("char x = 0; bpf_usdt_readarg(2, ctx, &x);", "usdt-argument-size"),
        ("int x = 0; bpf_usdt_readarg(3, ctx, &x);", "usdt-argument-missing"),
    ],
)
def test_how_the_arguments_are_read(tmp_path: Path, program: Path, body: str, rule: str) -> None:
    answer = _of_tool(
        tmp_path, program, f"int on_price(struct pt_regs *ctx) {{\n    {body}\n    return 0;\n}}\n"
    )
    assert rules(answer) == [rule] * bool(rule)
    places = [each.location for each in answer if isinstance(each, Cause) and each.location]
    assert [place.line for place in places] == [2] * bool(rule)


def test_parameters_are_not_the_probes_arguments(tmp_path: Path, program: Path) -> None:
    answer = _of_tool(tmp_path, program, "int on_price(struct pt_regs *ctx, int n) {\n    return n;\n}\n")
    assert rules(answer) == ["usdt-parameters"]


def test_bcc_makes_what_the_rule_says(program: Path) -> None:
    """The function for an argument compares the sizes first, and returns -1."""
    asked = (
        f"from bcc import USDT; u = USDT(path={str(program)!r}); "
        "u.enable_probe(probe='shop:priced', fn_name='f'); print(u.get_text())"
    )
    made = subprocess.run(
        ["/usr/bin/python3", "-c", asked], capture_output=True, text=True, check=True
    ).stdout
    assert "if (len != sizeof(int32_t)) return -1;" in made
    assert "if (len != sizeof(uint64_t)) return -1;" in made
    assert "_bpf_readarg_f_3" not in made
