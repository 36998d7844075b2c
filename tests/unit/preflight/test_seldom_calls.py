"""System calls that glibc no more makes: told of where nothing of the file is for the call that it makes."""

from __future__ import annotations

import pytest

from bpfdoctor.formats.kallsyms import Symbols
from bpfdoctor.model.report import Flavour, Kernel, RawReport, SourceFile, Stage
from bpfdoctor.preflight import seldom_calls
from bpfdoctor.preflight.sections import of_section
from bpfdoctor.preflight.system.host import Host


class OfMachine(Host):
    """This kernel, as if it were another machine's."""

    machine = "x86_64"


class OfArm(Host):
    machine = "aarch64"


def told(section: str, text: str = "", machine: Host | None = None) -> list[str]:
    source = SourceFile("x.bpf.c", f'SEC("{section}") int f(void *c) {{ return 0; }}\n{text}')
    raw = RawReport(b"", "x.bpf.c", Flavour.LIBBPF, Stage.LOADER, files=(source,))
    return [
        str(each.values["instead"])
        for each in seldom_calls.look(of_section("f", section), raw, machine or OfMachine())
    ]


@pytest.mark.parametrize(
    ("section", "instead"),
    [
        ("tp/syscalls/sys_enter_open", "makes the system call openat"),
        ("tp/syscalls/sys_exit_newstat", "makes the system call newfstatat"),
        ("ksyscall/fork", "makes the system call clone"),
        ("kprobe/__x64_sys_nanosleep", "makes the system call clock_nanosleep"),
        ("fentry/__x64_sys_gettimeofday", "asks the vDSO, without a system call"),
    ],
)
def test_the_way_that_glibc_takes_is_named(section: str, instead: str) -> None:
    assert told(section) == [instead]


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("tp/syscalls/sys_enter_openat", ""),
        ("tp/sched/sched_open", ""),
        ("tp/syscalls/sys_enter_open", 'SEC("tp/syscalls/sys_enter_openat")'),
        ("kprobe/__x64_sys_open", 'SEC("ksyscall/openat")'),
        ("kprobe/__x64_sys_open", 'b.get_syscall_fnname("openat")'),
        ("kprobe/__x64_sys_open", "b.get_syscall_prefix().decode() + 'openat'"),
    ],
)
def test_what_is_made_or_thought_of_is_not_spoken_of(section: str, text: str) -> None:
    assert told(section, text) == []


def test_other_machines_have_no_such_calls() -> None:
    assert told("tp/syscalls/sys_enter_open", machine=OfArm()) == []


class Lab(OfMachine):
    """A kernel of this release that has these functions."""

    def __init__(self, release: str, *functions: str) -> None:
        super().__init__()
        self._release = release
        lines = (f"ffffffff8100{at:04x} T {name}\n" for at, name in enumerate(functions, 1))
        self.symbols = Symbols("".join(lines).encode())

    @property
    def kernel(self) -> Kernel:
        return Kernel(self._release)


@pytest.mark.parametrize(
    ("release", "function", "others", "instead"),
    [
        ("6.12.1", "unlock_page", ("folio_unlock",), ["folio_unlock"]),
        ("6.1.0", "unlock_page", ("folio_unlock",), []),  # called there, too
        ("6.12.1", "unlock_page", (), []),
        ("5.10.2", "do_munmap", ("__do_munmap",), ["__do_munmap"]),
        ("6.12.1", "do_munmap", ("do_vmi_munmap",), ["do_vmi_munmap"]),
        ("5.10.2", "sock_sendmsg", ("security_socket_sendmsg",), []),
        (
            "5.10.2",
            "sock_sendmsg",
            ("security_socket_sendmsg", "__sock_sendmsg"),
            ["security_socket_sendmsg"],
        ),
        ("4.19.0", "vfs_getattr", ("vfs_getattr_nosec",), []),  # before the lab's first
    ],
)
def test_what_the_kernel_goes_past_is_known_by_its_release_and_functions(
    release: str, function: str, others: tuple[str, ...], instead: list[str]
) -> None:
    assert told(f"kprobe/{function}", machine=Lab(release, function, *others)) == instead


def test_what_compilers_do_is_known_of_one_machine() -> None:
    arm = Lab("6.12.1", "vfs_getattr", "vfs_getattr_nosec", "unlock_page", "folio_unlock")
    arm.machine = "aarch64"
    assert told("kprobe/vfs_getattr", machine=arm) == []
    assert told("kprobe/unlock_page", machine=arm) == ["folio_unlock"]


class WithOpen(OfMachine):
    symbols = Symbols(b"ffffffff81000000 T do_sys_open\nffffffff81000100 t do_sys_openat2\n")


class BeforeOpenat2(OfMachine):
    symbols = Symbols(b"ffffffff81000000 T do_sys_open\n")


def test_a_function_whose_callers_have_its_code() -> None:
    assert told("kprobe/do_sys_open", machine=WithOpen()) == ["do_sys_openat2"]
    assert told("kprobe/do_sys_open", 'SEC("kprobe/do_sys_openat2")', WithOpen()) == []
    assert told("kprobe/do_sys_openat2", machine=WithOpen()) == []
    assert told("kprobe/do_sys_open", machine=BeforeOpenat2()) == []
