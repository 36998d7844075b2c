"""What the files of a kernel say, wherever it runs: /proc, /sys, tracefs and their like."""

from __future__ import annotations

import struct
from enum import StrEnum
from functools import cached_property

from bpfdoctor.formats.kallsyms import Symbols
from bpfdoctor.formats.kernel_types import KernelTypes
from bpfdoctor.preflight.system import kernel_config


class Folder(StrEnum):
    """The file systems of a kernel."""

    PROC = "proc"
    SYS = "sysfs"
    TRACEFS = "tracefs"
    DEBUGFS = "debugfs"
    SECURITYFS = "securityfs"


class KernelFiles:
    """The part of System that is the same for all: each file is read when it is first asked for."""

    def read(self, folder: Folder, path: str) -> bytes | None:
        """A file; None where there is none, or it cannot be read."""
        raise NotImplementedError

    @property
    def config_text(self) -> bytes | None:
        raise NotImplementedError

    def __init__(self) -> None:
        self._formats: dict[str, str | None] = {}

    @cached_property
    def _config(self) -> dict[str, str] | None:
        return kernel_config.read(self.config_text) if self.config_text else None

    def config(self, option: str) -> str | None:
        return None if self._config is None else self._config.get(option, "n")

    def setting(self, name: str) -> str | None:
        text = self.read(Folder.PROC, f"sys/{name.replace('.', '/')}")
        return text.decode("utf-8", "replace").strip() if text is not None else None

    @cached_property
    def symbols(self) -> Symbols | None:
        text = self.read(Folder.PROC, "kallsyms")
        return Symbols(text) if text else None

    @cached_property
    def traceable(self) -> frozenset[str] | None:
        text = self.read(Folder.TRACEFS, "available_filter_functions")
        # vfs_read, and of a module: xfs_file_open [xfs]
        return frozenset(line.split(b" ", 1)[0].decode() for line in text.splitlines()) if text else None

    @cached_property
    def blacklist(self) -> frozenset[str] | None:
        text = self.read(Folder.DEBUGFS, "kprobes/blacklist")
        # 0xffffffff81a00930-0xffffffff81a00950	asm_exc_divide_error
        return frozenset(line.split()[-1].decode() for line in text.splitlines() if line) if text else None

    @cached_property
    def events(self) -> frozenset[str] | None:
        text = self.read(Folder.TRACEFS, "available_events")
        return frozenset(text.decode().split()) if text else None

    def event_format(self, event: str) -> str | None:
        if event not in self._formats:
            text = self.read(Folder.TRACEFS, f"events/{event.replace(':', '/', 1)}/format")
            self._formats[event] = text.decode("utf-8", "replace") if text else None
        return self._formats[event]

    @cached_property
    def records(self) -> bool | None:
        text = self.read(Folder.TRACEFS, "tracing_on")
        return None if text is None else text.strip() != b"0"

    @cached_property
    def types(self) -> KernelTypes | None:
        data = self.read(Folder.SYS, "kernel/btf/vmlinux")
        try:
            return KernelTypes(data) if data else None
        except (ValueError, struct.error):
            return None

    @cached_property
    def boot_line(self) -> str | None:
        text = self.read(Folder.PROC, "cmdline")
        return text.decode("utf-8", "replace").strip() if text is not None else None

    @cached_property
    def lsms(self) -> tuple[str, ...] | None:
        text = self.read(Folder.SECURITYFS, "lsm")
        return tuple(text.decode().strip().split(",")) if text else None

    @cached_property
    def lockdown(self) -> str | None:
        text = self.read(Folder.SECURITYFS, "lockdown")
        if text is None:
            return "none" if self.lsms is not None and "lockdown" not in self.lsms else None
        return next((word[1:-1] for word in text.decode().split() if word.startswith("[")), None)
