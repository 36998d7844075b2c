"""What a machine offers to hooks: the kernel that runs here (host.py), or one of the lab's (guest.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Protocol

from bpfdoctor.formats.kallsyms import Symbols
from bpfdoctor.formats.kernel_types import KernelTypes
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Kernel


class Of(StrEnum):
    """What is asked of a machine, as its name in a sentence."""

    CONFIG = "how this kernel was configured"
    SYMBOLS = "which functions this kernel has"
    TRACEABLE = "which functions ftrace can trace"
    EVENTS = "which tracepoints this kernel has"
    BTF = "which types this kernel has"
    MODULES = "which modules can be loaded"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who would load a program: this process.

    `bpf_refused` is what seccomp makes of bpf(2): "" for nothing, None where that cannot be told.
    """

    capabilities: frozenset[int]
    name: str  # root, or uid 1000
    in_own_namespace: bool = False  # a user namespace whose capabilities are no capabilities of the kernel's
    has_token: bool = False  # a BPF file system was delegated to it (BPF token)
    bpf_refused: str | None = ""
    reads_addresses: bool | None = True  # CAP_SYSLOG; None where it was given up
    locked_bytes: int | None = None  # RLIMIT_MEMLOCK; None for no limit


@dataclass(frozen=True, slots=True)
class BccHeaders:
    """Where BCC would find no headers of the running kernel: what is there instead, and the package."""

    found: str
    package: str


class System(Protocol):
    """What is known of one machine. None always means that it cannot be known, never that it is not so."""

    @property
    def kernel(self) -> Kernel: ...

    @property
    def machine(self) -> str:
        """As `uname -m`."""

    @property
    def is_here(self) -> bool:
        """Whether it is the machine that we run on: its processes and files can be looked at."""

    def config(self, option: str) -> str | None:
        """y, m, a value, or n where CONFIG_<option> is not set."""

    @property
    def symbols(self) -> Symbols | None:
        """The functions of the kernel and of loaded modules."""

    @property
    def traceable(self) -> frozenset[str] | None:
        """The functions in available_filter_functions."""

    @property
    def blacklist(self) -> frozenset[str] | None:
        """The functions that no kprobe may be in."""

    @property
    def events(self) -> frozenset[str] | None:
        """The tracepoints as category:name."""

    def event_format(self, event: str) -> str | None:
        """The text of the file `format` of a tracepoint, category:name."""

    @property
    def shows_tracefs(self) -> bool:
        """Whether tracefs is mounted where loaders look for it."""

    @property
    def records(self) -> bool | None:
        """Whether tracefs records what is printed to it: its file tracing_on."""

    @property
    def types(self) -> KernelTypes | None:
        """The kernel's own types."""

    def in_modules(self, name: str) -> bool:
        """Whether the BTF of a loaded module has a name (of a type, a function …)."""

    @property
    def boot_line(self) -> str | None: ...

    @property
    def lsms(self) -> tuple[str, ...] | None:
        """The security modules that are active, in order."""

    @property
    def lockdown(self) -> str | None:
        """none, integrity or confidentiality."""

    def setting(self, name: str) -> str | None:
        """What sysctl prints for a name: net.core.bpf_jit_enable."""

    @property
    def caller(self) -> Caller | None:
        """Who would load the program; None where that is not this process."""

    @property
    def shows_bpffs(self) -> bool | None:
        """Whether a BPF file system is mounted where loaders look for it."""

    @property
    def without_headers(self) -> BccHeaders | None:
        """What BCC finds in the place of this kernel's headers; None where they are, or it is not known."""

    @property
    def shows_modules(self) -> bool:
        """Whether what is in loaded modules is among what it shows: the lab's guests load none."""

    def why_not(self, of: Of) -> str:
        """Why that cannot be known of this machine."""

    def close(self) -> None:
        """Ends what was started to ask it."""


@contextmanager
def of(kernel: str | None, progress: Callable[[str], None]) -> Iterator[System]:
    """The kernel that runs here, or the lab's of that name. Raises Problem."""
    system: System
    if kernel is None or kernel == "host":
        from bpfdoctor.preflight.system.host import Host

        system = Host()
    else:
        from bpfdoctor.preflight.system.guest import Guest

        system = Guest(kernel, progress)
    try:
        yield system
    finally:
        system.close()
