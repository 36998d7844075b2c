"""What keeps a machine from loading a program: each reason by stored facts, those of a process for real."""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bpfdoctor.capture import bcc_headers, packages
from bpfdoctor.kernel.capabilities import BPF, NET_ADMIN, PERFMON, SYS_ADMIN
from bpfdoctor.model.preflight import Cause, Hook, HookKind, Remark, Wants
from bpfdoctor.model.report import Flavour, Kernel, Program, RawReport, SourceFile, Stage
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.preflight import loading, unset_options
from bpfdoctor.preflight.system import BccHeaders, Caller
from bpfdoctor.preflight.system.host import Host
from bpfdoctor.preflight.system.kernel_files import Folder
from bpfdoctor.preflight.wants import wants_of
from bpfdoctor.source import Source
from tests.compilers import CLANG

ROOT = Caller(frozenset(range(41)), "root")
CONFIG = b"""\
CONFIG_BPF_SYSCALL=y
CONFIG_BPF_EVENTS=y
CONFIG_BPF_JIT=y
CONFIG_NET=y
CONFIG_INET=y
CONFIG_UPROBE_EVENTS=y
CONFIG_DEBUG_INFO_BTF=y
CONFIG_XDP_SOCKETS=y
CONFIG_NETFILTER_BPF_LINK=y
"""


class Stored(Host):
    """A machine by what was read of it: its configuration, its settings, who asks."""

    def __init__(self, **facts: Any) -> None:
        super().__init__()
        self.config_text = facts.get("config", CONFIG)
        self.kernel = Kernel(facts.get("release", "6.12.1"))
        self.caller = facts.get("caller", ROOT)
        self.lockdown = facts.get("lockdown", "none")
        self.without_headers = facts.get("headers")
        self._bpffs = facts.get("bpffs", True)
        self._tracefs = facts.get("tracefs", True)
        self.records = facts.get("records", True)
        self._settings = {"kernel.cap_last_cap": "40", **facts.get("settings", {})}

    @property
    def shows_bpffs(self) -> bool:
        return bool(self._bpffs)

    @property
    def shows_tracefs(self) -> bool:
        return bool(self._tracefs)

    def setting(self, name: str) -> str | None:
        return self._settings.get(name)

    def read(self, folder: Folder, path: str) -> bytes | None:
        return None


def found(hook: Hook, machine: Host) -> list[str]:
    return [each.rule for each in loading.look(hook, machine) if isinstance(each, Cause)]


def hook(kind: HookKind = HookKind.KPROBE, **wants: Any) -> Hook:
    return Hook("f", kind, wants=Wants(**{"type": "kprobe", **wants}))


def without(option: str) -> bytes:
    return CONFIG.replace(f"CONFIG_{option}=y".encode(), b"")


def having(*capabilities: int, name: str = "root", **more: Any) -> Caller:
    return Caller(frozenset(capabilities), name, **more)


MAPS: dict[str, Any] = {"map_types": (("socks", 17),)}
READS: dict[str, Any] = {"helpers": frozenset({"bpf_probe_read_kernel"})}
WRITES: dict[str, Any] = {"helpers": frozenset({"bpf_probe_write_user"})}
JIT: dict[str, Any] = {"needs_jit": "calls of kernel functions"}
OLD: dict[str, Any] = {"release": "5.10.218", "caller": having(BPF, PERFMON, locked_bytes=65536)}


@pytest.mark.parametrize(
    ("wanting", "facts", "rule"),
    [
        (hook(), {"config": without("BPF_SYSCALL")}, "hook-not-configured"),
        (hook(), {"config": without("BPF_EVENTS")}, "hook-not-configured"),
        (hook(HookKind.UPROBE), {"config": without("UPROBE_EVENTS")}, "hook-not-configured"),
        (
            hook(HookKind.OTHER, type="netfilter"),
            {"config": without("NETFILTER_BPF_LINK")},
            "hook-not-configured",
        ),
        (hook(**MAPS), {"config": without("XDP_SOCKETS")}, "map-not-configured"),
        (hook(type="tracing"), {"config": without("DEBUG_INFO_BTF")}, "kernel-without-types"),
        (hook(), {"caller": having(BPF, NET_ADMIN)}, "rights-missing"),
        (hook(HookKind.XDP, type="xdp"), {"caller": having(BPF, PERFMON)}, "rights-missing"),
        (hook(), {"caller": having(name="root")}, "rights-missing"),
        (hook(), {"settings": {"kernel.cap_last_cap": "37"}, "caller": having(NET_ADMIN)}, "rights-missing"),
        (hook(), {"caller": having(SYS_ADMIN, in_own_namespace=True)}, "rights-of-a-namespace"),
        (hook(), {"caller": having(SYS_ADMIN, bpf_refused="EPERM")}, "bpf-call-forbidden"),
        (hook(HookKind.OTHER, **READS), {"lockdown": "confidentiality"}, "lockdown-forbids"),
        (hook(), {"lockdown": "confidentiality"}, "lockdown-forbids"),
        (hook(**WRITES), {"lockdown": "integrity"}, "lockdown-forbids"),
        (hook(**JIT), {"settings": {"net.core.bpf_jit_enable": "0"}}, "jit-off"),
        (hook(**JIT), {"config": without("BPF_JIT")}, "jit-off"),
        (hook(addresses=("ksym()",)), {"settings": {"kernel.kptr_restrict": "2"}}, "kernel-addresses-hidden"),
        (
            hook(addresses=("ksym()",)),
            {
                "settings": {"kernel.kptr_restrict": "1"},
                "caller": having(SYS_ADMIN, reads_addresses=False),
            },
            "kernel-addresses-hidden",
        ),
        (
            hook(),
            {"settings": {"kernel.perf_event_paranoid": "4"}, "caller": having(BPF, PERFMON)},
            "perf-events-restricted",
        ),
        (hook(map_bytes=65537), OLD, "memory-lock-too-small"),
        (hook(pinned=("flows",)), {"bpffs": False}, "bpffs-not-mounted"),
        (hook(compiled_here=True), {"headers": BccHeaders("there is none", "")}, "headers-not-installed"),
    ],
)
def test_each_reason(wanting: Hook, facts: dict[str, Any], rule: str) -> None:
    assert found(wanting, Stored(**facts)) == [rule]


@pytest.mark.parametrize(
    ("wanting", "facts"),
    [
        (hook(**MAPS, **READS, **JIT, pinned=("flows",), map_bytes=1 << 40, compiled_here=True), {}),
        (hook(type="tracing"), {"caller": having(BPF, PERFMON)}),
        (hook(**READS), {"lockdown": "integrity"}),
        (hook(), {"config": without("BPF_JIT"), "bpffs": False, "settings": {"kernel.kptr_restrict": "2"}}),
        (hook(), {"settings": {"kernel.perf_event_paranoid": "4"}}),
        (
            hook(type="socket_filter"),
            {"settings": {"kernel.unprivileged_bpf_disabled": "0"}, "caller": having()},
        ),
        (hook(), {"caller": having(in_own_namespace=True, has_token=True)}),
        (hook(type="sk_reuseport"), {"caller": having(BPF)}),
        (hook(map_bytes=65537), {**OLD, "release": "5.11.0"}),
        (hook(), {"config": None}),
        (Hook("f", HookKind.KPROBE), {"config": without("BPF_SYSCALL")}),
    ],
)
def test_what_is_well_or_not_wanted_is_not_spoken_of(wanting: Hook, facts: dict[str, Any]) -> None:
    assert list(loading.look(wanting, Stored(**facts))) == []


def test_an_ordinary_users_shell_is_worth_a_sentence() -> None:
    (remark,) = loading.look(hook(), Stored(caller=having(name="uid 1000")))
    assert isinstance(remark, Remark)
    assert "CAP_BPF and CAP_PERFMON, which uid 1000 does not have" in remark.text


@pytest.mark.parametrize(
    ("facts", "told"), [({"tracefs": False}, "not mounted"), ({"records": False}, "is 0")]
)
def test_lines_that_nobody_sees_are_told_of_where_a_program_prints(facts: dict[str, Any], told: str) -> None:
    prints = hook(helpers=frozenset({"bpf_trace_printk"}))
    (remark,) = loading.look(prints, Stored(**facts))
    assert isinstance(remark, Remark) and told in remark.text
    assert list(loading.look(prints, Stored())) == list(loading.look(hook(), Stored(**facts))) == []


def test_types_can_be_brought_for_core_alone() -> None:
    (remark,) = loading.look(hook(kernel_types=True), Stored(config=without("DEBUG_INFO_BTF")))
    assert isinstance(remark, Remark)


# What the process itself may do, in a process that may do less.
_ASK = """\
from bpfdoctor.model.preflight import Hook, HookKind, Wants
from bpfdoctor.preflight.loading import rights
from bpfdoctor.preflight.system.host import Host
wants = Wants("raw_tracepoint")
print(*[each.rule for each in rights.look(Hook("f", HookKind.RAW_TRACEPOINT, wants=wants), wants, Host())])
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's process has rights to lose")
_NUMBERS = {"x86_64": 321, "aarch64": 280}


def asked(*command: str, **options: Any) -> str:
    done = subprocess.run(
        [*command, sys.executable, "-c", _ASK], check=True, capture_output=True, text=True, **options
    )
    return str(done.stdout).strip()


@as_root
def test_root_without_a_capability() -> None:
    assert asked("setpriv", "--bounding-set=-perfmon,-sys_admin") == "rights-missing"
    assert asked() == ""


@as_root
@pytest.mark.skipif(
    subprocess.run(["unshare", "-Ur", "true"], check=False, capture_output=True).returncode != 0,
    reason="user namespaces are not allowed here",
)
def test_root_of_a_user_namespace() -> None:
    assert asked("unshare", "-Ur") == "rights-of-a-namespace"


@as_root
@pytest.mark.parametrize(
    ("action", "rule"),
    [(0x50001, "bpf-call-forbidden"), (0x80000000, "bpf-call-forbidden"), (0x7FFF0000, "")],  # EPERM, kill
)
def test_a_filter_of_system_calls(action: int, rule: str) -> None:
    number = _NUMBERS.get(os.uname().machine)
    if number is None:
        pytest.skip("the number of bpf(2) on this machine")
    assert asked(preexec_fn=lambda: _filter(number, action)) == rule


def _filter(number: int, action: int) -> None:
    """bpf(2) gets the action, everything else goes on."""
    code = b"".join(
        struct.pack("HBBI", *insn)
        for insn in ((0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, action), (0x06, 0, 0, 0x7FFF0000))
    )
    room = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxQ", 4, ctypes.addressof(room))
    libc = ctypes.CDLL(None)
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    assert libc.prctl(22, 2, ctypes.create_string_buffer(program), 0, 0) == 0  # PR_SET_SECCOMP


_SOURCE = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "GPL";
extern const void runqueues __ksym;
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps");
static int each(__u32 at, void *data) { return 0; }
SEC("kprobe/vfs_read")
int f(void *ctx)
{
	__u32 key = (long)&runqueues;
	bpf_loop(3, each, &key, 0);
	bpf_probe_read_kernel(&key, sizeof(key), ctx);
	return bpf_map_lookup_elem(&flows, &key) != 0;
}
"""


def test_what_an_object_wants(tmp_path: Path) -> None:
    path = tmp_path / "f.bpf.c"
    path.write_text(_SOURCE)
    command = [CLANG, "-target", "bpf", "-g", "-O2", "-I/usr/include/x86_64-linux-gnu", "-c", str(path)]
    subprocess.run([*command, "-o", str(path.with_suffix(".o"))], check=True)
    data = path.with_suffix(".o").read_bytes()
    raw = RawReport(b"", str(path), Flavour.LIBBPF, Stage.LOADER, program=Program("f"), object=data)
    wants = wants_of(raw, Hook("f", HookKind.KPROBE, "vfs_read", "kprobe/vfs_read"))
    assert wants.type == "kprobe"
    assert wants.helpers >= {"bpf_loop", "bpf_probe_read_kernel"}
    assert wants.needs_jit == "functions of the program that the kernel calls"
    assert wants.map_types == (("flows", 1),)
    assert wants.map_bytes == 1024 * 12
    assert wants.pinned == ("flows",)
    assert wants.addresses == ("runqueues",)


def test_what_a_bcc_tool_wants() -> None:
    files = (
        SourceFile("t.py: BPF(…)", "int f(void *c) { bpf_probe_read(0, 0, c); }"),
        SourceFile("t.py", "b.ksym(a)"),
    )
    raw = RawReport(b"", "t.py", Flavour.PYTHON, Stage.LOADER, program=Program("f"), files=files)
    wants = wants_of(raw, Hook("f", HookKind.TRACEPOINT, "a:b"))
    assert wants.type == "tracepoint"
    assert wants.helpers == {"bpf_probe_read"}
    assert wants.addresses == ("ksym()",)
    assert wants.compiled_here


def test_the_link_to_headers(tmp_path: Path) -> None:
    release = os.uname().release
    link = tmp_path / release / "build"
    link.parent.mkdir()
    assert bcc_headers.missing({}, str(tmp_path)) == f"there is no {link}"
    link.symlink_to("/no/such/folder")
    assert bcc_headers.missing({}, str(tmp_path)) == f"{link} leads to /no/such/folder, which is not there"
    assert bcc_headers.missing({"BCC_KERNEL_SOURCE": "/usr/src/linux"}, str(tmp_path)) == ""
    link.unlink()
    link.symlink_to(tmp_path)
    assert bcc_headers.missing({}, str(tmp_path)) == ""


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ('ID=ubuntu\nID_LIKE=debian\nNAME="Ubuntu"\n', "linux-headers-$(uname -r)"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\n', "kernel-devel-$(uname -r)"),
        ("ID=opensuse-tumbleweed\nID_LIKE='opensuse suse'\n", "kernel-default-devel"),
        ("ID=arch\n", "linux-headers (of the kernel's variant: linux-lts-headers …)"),
        ("ID=manjaro\nID_LIKE=arch\n", "linux-headers (of the kernel's variant: linux-lts-headers …)"),
        ("ID=alpine\n", "linux-lts-dev (linux-virt-dev for its virtual kernel)"),
        ("ID=nixos\n", ""),
    ],
)
def test_the_package_as_the_distribution_calls_it(tmp_path: Path, text: str, package: str) -> None:
    (tmp_path / "os-release").write_text(text)
    assert packages.of_this_system("kernel headers", str(tmp_path / "os-release")) == package


@pytest.mark.parametrize(
    ("id", "named"),
    [
        ("debian", ["libbpf-dev", "linux-libc-dev", "python3-bpfcc"]),
        ("fedora", ["libbpf-devel", "kernel-headers", "python3-bcc"]),
        ("arch", ["libbpf", "linux-api-headers", "python-bcc"]),
        ("alpine", ["libbpf-dev", "linux-headers", "py3-bcc"]),
        ("opensuse-leap", ["", "", ""]),  # not known
    ],
)
def test_each_part_has_its_package(id: str, named: list[str], tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text(f"ID={id}\n")
    parts = ("bpf_helpers.h", "asm/types.h", "bcc")
    assert [packages.of_this_system(part, str(tmp_path / "os-release")) for part in parts] == named


@pytest.mark.parametrize(
    ("text", "flags", "found"),
    [
        ("#ifdef CONFIG_BPF_EVENTS\n#endif\n", (), ["CONFIG_BPF_EVENTS"]),
        ("#if defined(CONFIG_NET) && 1\n#endif\n#ifdef CONFIG_NET\n#endif\n", (), ["CONFIG_NET"]),
        ("#ifndef CONFIG_BPF_JIT\n#endif\n", (), ["CONFIG_BPF_JIT"]),
        ("#ifdef CONFIG_OF_NOBODY\n#endif\n", (), []),
        ("#define CONFIG_NET 1\n#ifdef CONFIG_NET\n#endif\n", (), []),
        ("#include <generated/autoconf.h>\n#ifdef CONFIG_NET\n#endif\n", (), []),
        ("#ifdef CONFIG_NET\n#endif\n", ("-DCONFIG_NET=1",), []),
        ("// #ifdef CONFIG_NET\n", (), []),
    ],
)
def test_options_that_the_compiler_does_not_see(text: str, flags: tuple[str, ...], found: list[str]) -> None:
    files = (SourceFile("f.bpf.c", f"{text}int f(void *c) {{ return 0; }}\n"),)
    raw = RawReport(b"", "f.bpf.c", Flavour.LIBBPF, Stage.LOADER, files=files, compile_command=flags)
    causes = list(unset_options.look(raw, Source(raw, Transcript(raw=raw, text=b"")), Stored()))
    assert [each.values["option"] for each in causes] == found
    assert all(each.location and each.location.column for each in causes)
