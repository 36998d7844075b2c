"""Under sudo bpfdoctor is the user who called it: root's files stay unread, and only loaders have rights."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from ctypes.util import find_library
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.command import ROOT, Done, bpfdoctor

UID = 23456  # nobody on this machine
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="it takes root to be called by sudo")
needs_bcc = pytest.mark.skipif(find_library("bcc") is None, reason="libbcc is not installed")

MARK = "TheSecretOfRoot"
SECRET = f"root:{MARK}:19000:0:99999:7:::\n"
PASS = '#include <linux/bpf.h>\n__attribute__((section("xdp"), used)) int f(struct xdp_md *c) { return 2; }\n'
BCC = """#include <uapi/linux/ptrace.h>
#include <linux/sched.h>
BPF_HASH(seen, u32, u64);
int kprobe__do_nanosleep(struct pt_regs *ctx, struct task_struct *task) {
    char name[16]; u32 pid = task->pid; u64 *count = seen.lookup(&pid);
    bpf_probe_read_user(name, 16, (void *)PT_REGS_PARM2(ctx));
    return *count + name[0];
}
TRACEPOINT_PROBE(sched, sched_switch) { return args->next_pid; }
int on_xdp(struct xdp_md *ctx) { return XDP_PASS; }
"""


@dataclass(frozen=True)
class Place:
    """A folder of the user's, and a file beside it that only root may read."""

    folder: Path
    secret: Path

    def put(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
        self.give()
        return path

    def link(self, name: str) -> Path:
        (self.folder / name).symlink_to(self.secret)
        return self.folder / name

    def give(self) -> None:
        """All of it to the user."""
        for path in (self.folder, *self.folder.rglob("*")):
            os.lchown(path, UID, UID)

    def run(self, *arguments: str | Path, **env: str) -> Done:
        """`sudo bpfdoctor …`, as this user."""
        caller = {"SUDO_UID": str(UID), "SUDO_GID": str(UID), "SUDO_USER": "stranger"}
        cache = {"XDG_CACHE_HOME": str(self.folder / "cache")}
        return bpfdoctor(*arguments, env=caller | cache | env, cwd=self.folder)


@pytest.fixture
def place() -> Iterator[Place]:
    """Not in pytest's folder, which is closed to others."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import bpfdoctor.cli.main, lark, rich"
    drop = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"]
    seen = subprocess.run([*drop, sys.executable, "-c", code], capture_output=True, check=False, cwd="/")
    if seen.returncode:
        pytest.skip("this checkout, or its Python, may only be read by root")
    top = Path(tempfile.mkdtemp(prefix="bpfdoctor-test-"))
    top.chmod(0o755)
    (top / "of-root").write_text(SECRET)
    (top / "of-root").chmod(0o600)
    (top / "home").mkdir()
    made = Place(top / "home", top / "of-root")
    made.give()
    yield made
    shutil.rmtree(top)


#: every way to make bpfdoctor read a file: what to write, what to call
READS: dict[str, Callable[[Place], list[str | Path]]] = {
    "an include": lambda at: [at.put("a.bpf.c", f'#include "{at.secret}"\n{PASS}')],
    "a link as header": lambda at: [beside(at.link("h.h"), at.put("a.bpf.c", f'#include "h.h"\n{PASS}'))],
    "assembly": lambda at: [at.put("a.bpf.c", f'{PASS}asm(".incbin \\"{at.secret}\\"");')],
    "a header search": lambda at: ["-I", at.secret.parent, at.put("a.bpf.c", f"#include <of-root>\n{PASS}")],
    "an option": lambda at: [f"--cflags=-include {at.secret}", at.put("a.bpf.c", PASS)],
    "a response file": lambda at: [f"--cflags=@{at.secret}", at.put("a.bpf.c", PASS)],
    "the program": lambda at: [at.link("a.bpf.c")],
    "an object": lambda at: ["--flavour", "object", at.link("a.o")],
    "commands": lambda at: [beside(at.link("compile_commands.json"), at.put("a.bpf.c", PASS + "int x = ;"))],
    "included by commands": lambda at: [
        beside(at.put("compile_commands.json", commands(f"cc -include {at.secret}")), at.put("a.bpf.c", PASS))
    ],
    "BCC's include": lambda at: [at.put("a.c", f'#include "{at.secret}"\n{BCC}')],
    "BCC's link": lambda at: [beside(at.link("h.h"), at.put("a.c", f'#include "h.h"\n{BCC}'))],
    "BCC's program": lambda at: ["--flavour", "bcc", at.link("a.c")],
    "a tool's open": lambda at: [at.put("t.py", f"BPF(text=open('{at.secret}').read())")],
    "a tool's file": lambda at: [at.put("t.py", f"BPF(src_file='{at.secret}')")],
    "a tool's flags": lambda at: [at.put("t.py", f"BPF(text={BCC!r}, cflags=['-include', '{at.secret}'])")],
    "a tool's include": lambda at: [at.put("t.py", f"BPF(text='#include \"{at.secret}\"\\n' + {BCC!r})")],
}


def commands(command: str) -> str:
    return json.dumps([{"directory": ".", "file": "a.bpf.c", "command": command}])


def beside(_: Path, program: Path) -> Path:
    """The program, once the other file is there."""
    return program


@pytest.mark.parametrize("way", READS)
@pytest.mark.parametrize(("load", "form"), [("--load", "full"), ("--no-load", "json")])
def test_a_file_of_roots_is_not_read(place: Place, way: str, load: str, form: str) -> None:
    done = place.run("check", load, "--output-format", form, *READS[way](place))
    assert MARK not in done.out + done.err
    assert "bug in bpfdoctor" not in done.err, done.err
    if way not in ("commands", "included by commands", "a tool's flags"):  # which are left aside
        assert done.status != 0


@pytest.mark.parametrize("command", ["log", "check"])
def test_a_log_of_roots_is_not_read_either_and_the_way_out_is_said(place: Place, command: str) -> None:
    done = place.run(command, place.link("a.log"))
    assert done.status == 2 and MARK not in done.out + done.err
    assert "stranger" in done.err


def test_the_program_is_loaded_all_the_same(place: Place) -> None:
    done = place.run("check", place.put("a.bpf.c", PASS))
    assert done.status == 0 and "1 program loads" in done.out, done


@needs_bcc
def test_bccs_programs_are_those_that_root_gets(place: Place) -> None:
    """libbcc looks whether it is root, and looks at files that only root may read."""
    path = place.put("a.c", BCC)
    as_user = place.run("check", "--output-format", "json", path)
    as_root = bpfdoctor("check", "--output-format", "json", path)
    assert as_user.status == as_root.status == 1, as_user
    user, root = (json.loads(done.out) for done in (as_user, as_root))
    for report in (*user["reports"], *root["reports"]):
        report["statistics"]["usec"] = None  # differs each time
    assert user == root
    verdicts = {each["program"]["name"]: each["verdict"] for each in user["reports"]}
    assert verdicts == {
        "kprobe__do_nanosleep": "refused",
        "tracepoint__sched__sched_switch": "loads",
        "on_xdp": "loads",
    }


WHO = """#!/bin/sh
{{ id -u; id -g; id -G; echo "$HOME"; grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status; }} > {report}
exec clang "$@"
"""


LOOKS = """
import sys
sys.path.insert(0, sys.argv[1])
from bpfdoctor import rights
from bpfdoctor.model.preflight import Hook, HookKind
from bpfdoctor.preflight import checks
from bpfdoctor.preflight.system.host import Host
rights.become_caller()
given = {"loader": "bcc", "probe": "any", "pid": int(sys.argv[2])}
print(*(each.why for each in checks.look(Hook("f", HookKind.USDT, "any", options=given), Host())))
"""


@pytest.mark.usefixtures("place")
def test_processes_of_others_cannot_be_looked_at_and_the_way_to_them_is_said() -> None:
    command = [sys.executable, "-c", LOOKS, str(ROOT), str(os.getpid())]
    caller = {"SUDO_UID": str(UID), "SUDO_GID": str(UID), "SUDO_USER": "stranger"}
    done = subprocess.run(command, env={**os.environ, **caller}, capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"what process {os.getpid()} runs may not be looked at under sudo")
    assert "or as root without sudo (su -c)" in done.stdout


def test_the_compiler_is_the_user_and_has_no_rights(place: Place) -> None:
    report = place.folder / "report"
    compiler = place.put("my-clang", WHO.format(report=report))
    compiler.chmod(0o755)
    done = place.run("check", "--clang", compiler, place.put("a.bpf.c", PASS))
    assert done.status == 0, done
    uid, gid, groups, home, *capabilities = report.read_text().splitlines()
    assert (uid, gid, groups, home) == (str(UID), str(UID), str(UID), "/")
    assert [int(line.split()[1], 16) for line in capabilities] == [0, 0, 0, 0]


def test_the_user_may_not_become_root_again(place: Place) -> None:
    """What a program that took over the compiler would try."""
    tries = place.put(
        "my-clang",
        f"#!{sys.executable}\nimport os, sys\n"
        "said = []\n"
        "for attempt in (lambda: os.setuid(0), lambda: os.setreuid(-1, 0), lambda: os.setgroups([0]),\n"
        f"                lambda: open({str(place.secret)!r}).read(),\n"
        "                lambda: open(f'/proc/{os.getppid()}/mem', 'r+b'),\n"
        "                lambda: os.listdir(f'/proc/{os.getppid()}/fd')):\n"
        "    try:\n        attempt(); said.append('done')\n    except OSError as error:\n"
        "        said.append('refused')\n"
        f"open({str(place.folder / 'report')!r}, 'w').write(' '.join(said))\n"
        "os.execvp('clang', ['clang', *sys.argv[1:]])\n",
    )
    tries.chmod(0o755)
    place.run("check", "--clang", tries, place.put("a.bpf.c", PASS))
    assert (place.folder / "report").read_text() == " ".join(["refused"] * 6)


def test_what_is_written_belongs_to_the_user(place: Place) -> None:
    path = place.put("a.bpf.c", PASS.replace("<linux/bpf.h>", '"vmlinux.h"'))
    done = place.run("check", "-o", "answer.json", "--output-format", "json", path)
    assert done.status == 0, done
    made = [path for path in place.folder.rglob("*") if path != place.folder / "a.bpf.c"]
    assert any(path.name == "vmlinux.h" for path in made) and place.folder / "answer.json" in made
    assert {(path.lstat().st_uid, path.lstat().st_gid) for path in made} == {(UID, UID)}


def test_roots_files_are_not_written(place: Place) -> None:
    path = place.put("a.bpf.c", PASS)
    place.secret.parent.chmod(0o755)
    done = place.run("check", "-o", place.secret, path)
    assert done.status == 2 and "cannot be written" in done.err
    link = place.link("out")
    assert place.run("check", "-o", link, path).status == 0
    assert place.secret.read_text() == SECRET and not link.is_symlink()


@pytest.mark.parametrize("called", [{"PKEXEC_UID": "65534"}, {"DOAS_USER": "nobody"}, {"SUDO_UID": "65534"}])
def test_the_other_ways_to_become_root_are_known(place: Place, called: dict[str, str]) -> None:
    place.folder.chmod(0o755)
    path = place.put("a.bpf.c", f'#include "{place.secret}"\n{PASS}')
    done = bpfdoctor("check", path, env={"XDG_CACHE_HOME": "/nonexistent"} | called)
    assert MARK not in done.out + done.err and "Permission denied" in done.out


@pytest.mark.parametrize("called", [{"SUDO_UID": "0"}, {"SUDO_UID": "", "SUDO_USER": ""}, {}])
def test_root_itself_stays_root(place: Place, called: dict[str, str]) -> None:
    path = place.put("a.bpf.c", f'#include "{place.secret}"\n{PASS}')
    assert MARK in bpfdoctor("check", path, env=called).out


@pytest.mark.parametrize("called", [{"SUDO_UID": "x"}, {"SUDO_UID": "-1"}, {"DOAS_USER": "no such user"}])
def test_a_caller_that_cannot_be_told_is_a_problem(place: Place, called: dict[str, str]) -> None:
    done = bpfdoctor("check", place.put("a.bpf.c", PASS), env=called)
    assert done.status == 2 and "cannot be told who called sudo" in done.err


def test_a_bpfdoctor_that_the_user_may_not_read_says_so(place: Place) -> None:
    copy = place.secret.parent / "hidden"
    shutil.copytree(ROOT / "bpfdoctor", copy / "bpfdoctor", ignore=shutil.ignore_patterns("__pycache__"))
    copy.chmod(0o700)
    done = subprocess.run(
        [sys.executable, "-m", "bpfdoctor", "check", "a.bpf.c"],
        env=os.environ | {"PYTHONPATH": str(copy), "SUDO_UID": str(UID), "SUDO_GID": str(UID)},
        capture_output=True, text=True, check=False, cwd="/",
    )  # fmt: skip
    assert done.returncode == 2 and "may not read" in done.stderr, done.stderr
