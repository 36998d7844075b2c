"""What of this machine can keep a process with full rights from loading, as far as it can be seen."""

from __future__ import annotations

import os
import re

from bpfdoctor.capture import kernel_config

_SECURITY = "/sys/kernel/security"
_LOCKED = rb"(?m)^CONFIG_LOCK_DOWN_KERNEL_FORCE_(INTEGRITY|CONFIDENTIALITY)=y"


def seen() -> str:
    """What can be seen of it, as the end of a sentence: "lockdown is integrity, no seccomp filter is set"."""
    said = [_lockdown(), _modules(), _seccomp()]
    if os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        said.append("this is a container, whose host decides")
    return ", ".join(filter(None, said))


def kernel_has_bpf() -> bool:
    """Whether the kernel has bpf() at all: the file is made where it was built with CONFIG_BPF_SYSCALL."""
    return os.path.exists("/proc/sys/kernel/unprivileged_bpf_disabled")


def _lockdown() -> str:
    text = _text(f"{_SECURITY}/lockdown")
    if now := re.search(r"\[(\w+)\]", text):
        return f"lockdown is {'off' if now[1] == 'none' else now[1]}"
    if built := re.search(_LOCKED, kernel_config.carried() or b""):
        state = built[1].decode().lower()
        return f"this kernel is built to start with lockdown={state} (its configuration says so)"
    return f"lockdown cannot be seen (no {_SECURITY}/lockdown)"


def _modules() -> str:
    names = [name for name in _text(f"{_SECURITY}/lsm").strip().split(",") if name not in ("", "capability")]
    return f"security modules are {', '.join(names)}" if names else ""


def _seccomp() -> str:
    state = re.search(r"^Seccomp:\s*(\d)", _text("/proc/self/status"), re.M)
    return (
        "" if state is None else "a seccomp filter is set" if state[1] == "2" else "no seccomp filter is set"
    )


def _text(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read(1 << 16)
    except OSError:
        return ""
