"""The kernels that an object's needs are compared with: this machine's, the lab's, or a version alone."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from bpfdoctor.formats.large_btf import LargeBtf
from bpfdoctor.lab import kernel_btf, kernels
from bpfdoctor.model.problem import Problem
from bpfdoctor.pattern import later
from bpfdoctor.preflight.needs.view import KernelView
from bpfdoctor.preflight.system import kernel_config
from bpfdoctor.preflight.system.host import Host
from bpfdoctor.preflight.system.kernel_files import Folder

HOST = "host"
_VERSION = later(r"v?(\d+\.\d+(?:\.\d+)?)")


def views(words: Sequence[str]) -> list[KernelView]:
    """Raises Problem for a word that names no kernel."""
    return [_view(word) for word in dict.fromkeys(words)]


def _view(word: str) -> KernelView:
    if word == HOST:
        return _host()
    if (kernel := kernels.find(word)) is not None or "/" in word:
        kernel = kernel or kernels.from_path(Path(word))
        config = kernel_config.read(kernel.config) if kernel.config else None
        return KernelView(word, kernel.version, _types(kernel_btf.read(kernel)), config)
    version = _VERSION.fullmatch(word)
    if version is None:
        raise Problem(
            f"{word} is no kernel's version.", "Name one like 5.15, or what `bpfdoctor kernels list` has."
        )
    return KernelView(word, version[1])


def _host() -> KernelView:
    host = Host()
    types, config = host.read(Folder.SYS, "kernel/btf/vmlinux"), host.config_text
    return KernelView(
        HOST, host.kernel.release, _types(types), kernel_config.read(config) if config else None
    )


def _types(data: bytes | None) -> LargeBtf | None:
    try:
        return LargeBtf(data) if data else None
    except (ValueError, struct.error):
        return None
