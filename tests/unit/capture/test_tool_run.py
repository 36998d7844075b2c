"""What a BCC tool attaches when it is run, secluded: nothing that it does reaches the machine."""

import os
import subprocess
from pathlib import Path

import pytest

from bpfdoctor.capture import tool_run
from bpfdoctor.capture.tool_run import ToolRun

_UNSHARE = ["unshare", "--user", "--map-root-user", "--mount", "true"]
secluded = pytest.mark.skipif(
    subprocess.run(_UNSHARE, check=False, capture_output=True).returncode != 0,
    reason="user namespaces are not allowed here",
)
_START = "import os, sys, time\nfrom bcc import BPF, USDT\nb = BPF(text='int f(void *ctx) { return 0; }')\n"


def _ran(tmp_path: Path, text: str, *arguments: str) -> ToolRun:
    tool = tmp_path / "tool.py"
    tool.write_text(_START + text)
    return tool_run.run(tool, arguments, os.environ)


@secluded
def test_what_depends_on_the_arguments_is_seen(tmp_path: Path) -> None:
    text = (
        "for name in sys.argv[1:]:\n    b.attach_kprobe(event=name, fn_name=b'f')\n"
        "u = USDT(path='/bin/x')\nu.enable_probe('a:b', 'f')\n"
        "BPF.attach_xdp('lo', b.load_func('f', BPF.XDP), 0)\n"
        "assert b.num_open_kprobes() == 2\n"
        "b['events'].open_perf_buffer(print)\nwhile True:\n    b.perf_buffer_poll()\n"
    )
    found = _ran(tmp_path, text, "vfs_read", "vfs_write")
    assert found.ended == ""
    assert found.texts == ("int f(void *ctx) { return 0; }",)
    methods = ["attach_kprobe", "attach_kprobe", "enable_probe", "attach_xdp"]
    assert [each.method for each in found.attaches] == methods
    assert [(each.line, each.function) for each in found.attaches] == [(5, "f"), (5, "f"), (7, "f"), (8, "f")]
    assert [each.values.get("event") for each in found.attaches[:2]] == ["vfs_read", "vfs_write"]
    assert found.attaches[2].values["path"] == "/bin/x"


@secluded
def test_it_reaches_nothing(tmp_path: Path) -> None:
    """Each line that may do harm is tried; what comes after shows that it failed."""
    victim = tmp_path / "victim"
    victim.write_text("kept")
    tries = (
        f"open({str(victim)!r}, 'w').write('lost')",
        f"os.unlink({str(victim)!r})",
        f"os.kill({os.getpid()}, 0)",
        "os.setuid(1)",
        "__import__('socket').create_connection(('127.0.0.1', 9), 1)",
        "os.listdir('/run')[0]",
        "__import__('subprocess').run(['mount', '-o', 'remount,rw', '/'], check=True)",
    )
    text = "".join(
        f"try:\n    {each}\nexcept Exception:\n    b.attach_kprobe(event='failed{at}', fn_name='f')\n"
        for at, each in enumerate(tries)
    )
    found = _ran(tmp_path, text)
    assert [each.values["event"] for each in found.attaches] == [f"failed{at}" for at in range(len(tries))]
    assert victim.read_text() == "kept"


@secluded
def test_how_it_ended_is_said(tmp_path: Path) -> None:
    assert _ran(tmp_path, "b.attach_kprobe(event='x', fn_name='f')\nos.environ['NO']").ended == (
        "KeyError on line 5: 'NO'"
    )
    assert _ran(tmp_path, "sys.exit('usage: tool')").ended == "it ended with usage: tool"
    assert _ran(tmp_path, "time.sleep(1000)").ended == ""


@secluded
def test_a_tool_that_does_not_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool_run, "_CPU_SECONDS", 2)
    found = _ran(tmp_path, "b.attach_kprobe(event='x', fn_name='f')\nwhile True: pass")
    assert (len(found.attaches), found.ended) == (1, "it was ended from outside")
