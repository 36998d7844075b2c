"""Where a BCC Python tool attaches its programs, without running it."""

import os
from pathlib import Path

import pytest

from bpfdoctor.capture import python_tool
from bpfdoctor.model.attach import Attach


def _attaches(text: str) -> tuple[Attach, ...]:
    return python_tool.follow(
        "from bcc import BPF, USDT\nb = BPF(text='')\n" + text, Path("tool.py")
    ).attaches


_ARGPARSE = "from argparse import ArgumentParser\np = ArgumentParser()\np.add_argument('--pid', default=-1)\n"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("b.attach_kprobe(event='vfs_read', fn_name='f')", {"event": "vfs_read"}),
        ("b.attach_kprobe(b'vfs_read', 4, b'f')", {"event": "vfs_read", "event_off": 4}),
        ("b.attach_kretprobe('vfs_read', 'f')", {"event": "vfs_read"}),
        ("b.attach_tracepoint(tp='sched:sched_switch', fn_name='f')", {"tp": "sched:sched_switch"}),
        ("b.attach_tracepoint('', 'sched:.*', 'f')", {"tp": "", "tp_re": "sched:.*"}),
        ("b.attach_uprobe('c', 'free', fn_name='f', pid=7)", {"name": "c", "sym": "free", "pid": 7}),
        ("b.attach_uretprobe(name='/bin/sh', addr=9, fn_name='f')", {"name": "/bin/sh", "addr": 9}),
        ("g = b.load_func('f', BPF.XDP)\nb.attach_xdp('eth' + '0', g, 2)", {"dev": "eth0", "flags": 2}),
        ("b.attach_perf_event(PerfType.SOFTWARE, 3, 'f')", {"ev_type": "PerfType.SOFTWARE", "ev_config": 3}),
        (
            "u = USDT(path='/bin/x')\nu.enable_probe(probe='a:b', fn_name='f')",
            {"probe": "a:b", "path": "/bin/x", "pid": None},
        ),
        ("USDT(9).enable_probe('b', 'f')", {"probe": "b", "path": None, "pid": 9}),
        (
            _ARGPARSE + "a = p.parse_args()\nb.attach_uprobe(name='c', sym='free', fn_name='f', pid=a.pid)",
            {"name": "c", "sym": "free", "pid": -1},
        ),
    ],
)
def test_a_call_is_known_with_its_values(text: str, values: dict[str, object]) -> None:
    (found,) = _attaches(text)
    assert f".{found.method}(" in text
    assert (found.function, found.only_if, found.unknown) == ("f", "", {})
    assert {name: value for name, value in found.values.items() if name not in ("fn_name", "fn")} == values


def test_a_loop_attaches_once_for_each_name() -> None:
    found = _attaches("for name in ['open', 'openat']:\n    b.attach_kprobe(event='do_' + name, fn_name='f')")
    assert [(each.line, each.values["event"]) for each in found] == [(4, "do_open"), (4, "do_openat")]


def test_a_function_of_the_tool_attaches_what_it_is_given() -> None:
    found = _attaches(
        "def both(b, name):\n    b.attach_kprobe(event=name, fn_name='f')\nboth(b, 'x')\nboth(b, 'y')"
    )
    assert [each.values["event"] for each in found] == ["x", "y"]


_CALL = "    b.attach_kprobe(event='x', fn_name='f')"


@pytest.mark.parametrize(
    ("text", "only_if"),
    [
        (f"if unheard_of():\n{_CALL}", "`if unheard_of()` on line 3"),
        (f"if unheard_of():\n    pass\nelse:\n{_CALL}", "`if unheard_of()` on line 3"),
        (f"try:\n{_CALL}\nexcept Exception:\n    pass", "the `try` on line 3"),
        (f"class T:\n    def go(self, b):\n    {_CALL}", "go() is called"),
    ],
)
def test_what_may_not_be_called_says_so(text: str, only_if: str) -> None:
    (found,) = _attaches(text)
    assert (found.values["event"], found.only_if) == ("x", only_if)


def test_a_branch_that_is_not_taken_attaches_nothing() -> None:
    assert _attaches("import os\nif False:\n    b.attach_kprobe(event='x', fn_name='f')") == ()


def test_what_only_a_run_can_tell_is_named() -> None:
    (found,) = _attaches("import sys\nfor name in sys.stdin:\n    b.attach_kprobe(event=name, fn_name='f')")
    assert (found.function, set(found.unknown)) == ("f", {"event"})
    (found,) = _attaches("b.attach_kprobe(**how)")
    assert "event" in found.unknown


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="names of x86-64")
def test_system_calls_have_the_names_of_this_machine() -> None:
    (found,) = _attaches("b.attach_kprobe(event=b.get_syscall_fnname('openat'), fn_name='f')")
    assert found.values["event"] == "__x64_sys_openat"
    (found,) = _attaches("b.attach_kprobe(event=BPF.fix_syscall_fnname(b'sys_bpf'), fn_name='f')")
    assert found.values["event"] == "__x64_sys_bpf"


def test_a_question_to_the_kernel_decides() -> None:
    """/proc/kallsyms shows the names to everybody."""
    text = "if BPF.get_kprobe_functions(b'{}'):\n    b.attach_kprobe(event='x', fn_name='f')"
    assert len(_attaches(text.format("vfs_read"))) == 1
    assert _attaches(text.format("no_function_of_any_kernel")) == ()
    assert _attaches("if BPF.ksymname('no_such') != -1:\n    b.attach_kprobe(event='x', fn_name='f')") == ()


def test_what_is_made_and_attached_at_once_is_seen_as_both() -> None:
    text = 'BPF(text="int f(void *ctx) { return 0; }").attach_kprobe(event="vfs_read", fn_name="f")\n'
    tool = python_tool.follow(f"from bcc import BPF\n{text}", Path("tool.py"))
    assert [each.line for each in tool.programs] == [2]
    assert [each.values for each in tool.attaches] == [{"event": "vfs_read", "fn_name": "f"}]
