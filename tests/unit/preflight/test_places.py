"""XDP, tc, cgroups and perf events: what keeps a program from running at the place that was named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bpfdoctor.model.preflight import Cause, Hook, HookKind
from bpfdoctor.preflight import checks
from bpfdoctor.preflight.system.host import Host

HERE = Path(__file__).parent
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="making devices and cgroups needs root")


def rules(kind: HookKind, **options: object) -> list[str]:
    found = checks.look(Hook("prog", kind, options=options), Host())
    return [each.rule if isinstance(each, Cause) else each.why for each in found]


# In a network namespace of its own: a device of its own kind for each case.
_IN_NAMESPACE = """
import ctypes, json, subprocess, sys
assert ctypes.CDLL(None).unshare(0x40000000) == 0
sys.path.insert(0, sys.argv[1])
for command in ("link add v0 type veth peer name v1", "link set v0 up", "link set v1 up",
                "link add w0 mtu 4000 type veth peer name w1", "link set w0 up", "link set w1 up",
                "link add d0 type veth peer name d1"):
    subprocess.run(["ip", *command.split()], check=True)
from bpfdoctor.model.preflight import HookKind
from tests.unit.preflight.test_places import attached, rules
said = {}
for device in ("v0", "w0", "d0", "v9"):
    for kind in (HookKind.XDP, HookKind.TC):
        said[f"{kind} {device}"] = rules(kind, interface=device)
said["frags w0"] = rules(HookKind.XDP, interface="w0", frags=True)
with attached(sys.argv[2], "packets", "xdp", "v0") as _:
    said["second v0"] = rules(HookKind.XDP, interface="v0")
    said["tc after v0"] = rules(HookKind.TC, interface="v0")
print(json.dumps(said))
"""


class attached:
    """A process that has a program attached; see attaching.py."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, str(HERE / "attaching.py"), *arguments]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> None:
        assert self._child.stdout is not None and self._child.stdout.readline() == "ready\n"

    def __exit__(self, *_: object) -> None:
        self._child.communicate("", timeout=20)


@as_root
def test_devices(tmp_path: Path) -> None:
    from tests.compilers import CLANG, HEADERS

    out = str(tmp_path / "live.o")
    flags = ["-O2", "-g", "-target", "bpf", f"-I{HEADERS}"]
    subprocess.run([CLANG, *flags, "-c", str(HERE / "live.bpf.c"), "-o", out], check=True)
    command = [sys.executable, "-c", _IN_NAMESPACE, str(HERE.parents[2]), out]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert said == {
        "xdp v0": [],
        "tc v0": [],
        "xdp w0": ["device-mtu"],
        "tc w0": [],
        "frags w0": [],
        "xdp d0": ["device-down"],
        "tc d0": ["device-down"],
        "xdp v9": ["device-missing"],
        "tc v9": ["device-missing"],
        "second v0": ["device-has-program"],
        "tc after v0": ["xdp-before-tc"],
    }


def test_where_the_loader_chooses_nothing_is_known() -> None:
    (device,) = rules(HookKind.XDP)
    (group,) = rules(HookKind.CGROUP)
    assert "--interface" in device and "--cgroup" in group


def test_a_folder_that_is_no_cgroup(tmp_path: Path) -> None:
    assert rules(HookKind.CGROUP, cgroup=str(tmp_path / "none")) == ["cgroup-not-there"]
    assert rules(HookKind.CGROUP, cgroup=str(tmp_path)) == ["cgroup-not-there"]


_IN_MOUNTS = """
import ctypes, json, os, sys
libc = ctypes.CDLL(None)
assert libc.unshare(0x20000) == 0 and libc.mount(b"none", b"/", None, 0x44000, None) == 0
assert libc.mount(b"cgroup2", b"/mnt", b"cgroup2", 0, None) == 0
sys.path.insert(0, sys.argv[1])
from bpfdoctor.model.preflight import HookKind
from tests.unit.preflight.test_places import rules
own = f"/mnt/bpfdoctor-{os.getpid()}"
os.mkdir(own)
try:
    said = [rules(HookKind.CGROUP, cgroup=path) for path in ("/mnt", own)]
    before = open("/proc/self/cgroup").read().splitlines()[-1].split(":")[2]
    open(f"{own}/cgroup.procs", "w").write(str(os.getpid()))
    said.append(rules(HookKind.CGROUP, cgroup=own))
    open(f"/mnt{before}/cgroup.procs", "w").write(str(os.getpid()))
finally:
    os.rmdir(own)
print(json.dumps(said))
"""


@as_root
def test_cgroups_with_processes_and_without() -> None:
    command = [sys.executable, "-c", _IN_MOUNTS, str(HERE.parents[2])]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert json.loads(said) == [[], ["cgroup-empty"], []]


def test_a_machine_without_counters_is_told_of_them() -> None:
    has = any(name.startswith("cpu") for name in os.listdir("/sys/bus/event_source/devices"))
    assert ("no-hardware-events" in rules(HookKind.PERF_EVENT)) is not has
