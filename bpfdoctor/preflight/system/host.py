"""The kernel that runs here: what /proc, /sys and tracefs say of it. Nothing is written, nothing attached."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property

from bpfdoctor.capture import bcc_headers, kernel_config, packages
from bpfdoctor.model.report import Kernel
from bpfdoctor.preflight.system import BccHeaders, Caller, Of
from bpfdoctor.preflight.system.caller import caller
from bpfdoctor.preflight.system.in_force import rights_in_force
from bpfdoctor.preflight.system.kernel_files import Folder, KernelFiles
from bpfdoctor.preflight.system.mounts import Mount


class Host(KernelFiles):
    """This machine."""

    is_here = True

    def __init__(self) -> None:
        super().__init__()
        self._mounts: dict[Folder, Mount] = {}

    def close(self) -> None:
        self._mounts.clear()

    @cached_property
    def kernel(self) -> Kernel:
        return Kernel(os.uname().release)

    @property
    def machine(self) -> str:
        return os.uname().machine

    shows_modules = True

    @cached_property
    def config_text(self) -> bytes | None:
        if (text := kernel_config.carried()) is not None:
            return text
        release = os.uname().release
        paths = (f"/boot/config-{release}", f"/lib/modules/{release}/config")
        return next((text for path in paths if (text := _read(path)) is not None), None)

    def read(self, folder: Folder, path: str) -> bytes | None:
        if folder in (Folder.PROC, Folder.SYS):
            return _read(f"/{'proc' if folder is Folder.PROC else 'sys'}/{path}")
        return self.mount(folder).read(path)

    def mount(self, folder: Folder) -> Mount:
        """tracefs, debugfs or securityfs, wherever it is mounted."""
        if folder not in self._mounts:
            self._mounts[folder] = Mount(folder)
        return self._mounts[folder]

    @cached_property
    def caller(self) -> Caller:
        return caller(self.setting("kernel.unprivileged_bpf_disabled"))

    @property
    def shows_bpffs(self) -> bool | None:
        mounts = _read("/proc/self/mounts")
        return None if mounts is None else b" /sys/fs/bpf bpf " in mounts

    @cached_property
    def without_headers(self) -> BccHeaders | None:
        if self.config("IKHEADERS") in ("y", "m"):  # BCC loads the module where it has to
            return None
        found = bcc_headers.missing(os.environ)
        return BccHeaders(found, packages.of_this_system("kernel headers")) if found else None

    @property
    def shows_tracefs(self) -> bool:
        return not self.mount(Folder.TRACEFS).is_ours

    def in_modules(self, name: str) -> bool:
        wanted = b"\0" + name.encode() + b"\0"
        with suppress(OSError):
            modules = [each for each in os.listdir("/sys/kernel/btf") if each != "vmlinux"]
            return any(wanted in (_read(f"/sys/kernel/btf/{each}") or b"") for each in modules)
        return False

    def why_not(self, of: Of) -> str:
        match of:
            case Of.CONFIG:
                return "neither /proc/config.gz nor /boot has this kernel's configuration"
            case Of.SYMBOLS:
                return "/proc/kallsyms cannot be read"
            case Of.TRACEABLE if self.lockdown not in (None, "none"):
                return f"lockdown ({self.lockdown}) does not show which functions ftrace can trace"
            case Of.TRACEABLE | Of.EVENTS:
                return self.mount(Folder.TRACEFS).why_not or f"tracefs does not show {of}"
            case Of.BTF:
                return "/sys/kernel/btf/vmlinux cannot be read"
            case Of.MODULES:
                return "which modules could be loaded here is not known"


def _read(path: str) -> bytes | None:
    """One of the kernel's own files; None where it is not there, or may not be read."""
    try:
        with rights_in_force(), open(path, "rb") as file:
            return file.read()
    except OSError:
        return None
