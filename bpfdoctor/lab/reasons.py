"""Says why a program can't be tried on a kernel at all: what it lacks, and since when others have it."""

from __future__ import annotations

import errno
import re

from bpfdoctor.kernel import helpers, types
from bpfdoctor.kernel.versions import numbers
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.results import Loaded
from bpfdoctor.model.report import Verdict

# What no distribution's kernel is built without.
_EVERYWHERE = ("CONFIG_NET", "CONFIG_INET", "CONFIG_BPF_JIT")

# 5.10: "invalid func unknown#181"; later: "invalid func bpf_loop#181" or "unknown func bpf_loop#181"
_NO_HELPER = re.compile(rb"^(?:invalid|unknown) func (?:bpf_)?(\w+)#(\d+)$", re.MULTILINE)
# What kernels say of a program that comes with a callback, for a helper that they don't have yet.
_NO_CALLBACKS = re.compile(
    rb"^(?:number of funcs in func_info doesn't match|unrecognized bpf_ld_imm64)", re.MULTILINE
)
# libbpf: prog 'fe': failed to find kernel BTF type ID of 'do_unlinkat': -3
_NO_TARGET = re.compile(rb"failed to find kernel BTF type ID of '([^']+)'")
# bpf: this kernel's BTF has no vfs_reed   (guest/replay.c)
_NO_REPLAY_TARGET = re.compile(
    rb"^bpf: this kernel's BTF has no (?:bpf_trace_|bpf_lsm_)?(\S+)$", re.MULTILINE
)
# libbpf: extern (func ksym) 'bpf_rdonly_cast': not found in kernel or module BTFs
_NO_KFUNC = re.compile(rb"extern \((?:func|var) ksym\) '([^']+)'.*not (?:found|resolved)")


def not_possible(entry: Loaded, kernel: LabKernel) -> str | None:
    """Why this kernel can't take the program at all, in a few words; None when the program is at fault."""
    if entry.verdict is Verdict.LOADS:
        return None
    text = b"\n".join((entry.logs.get(4, b""), entry.messages))
    return (
        _without_privilege(entry)
        or _helper(entry, kernel, text)
        or _map(entry, kernel)
        or _named(_NO_TARGET, text, "{} is not there to attach to")
        or _named(_NO_REPLAY_TARGET, text, "{} is not there to attach to")
        or _named(_NO_KFUNC, text, "it has no kfunc or variable {}")
        or _no_btf(entry, kernel)
        or _type(entry, kernel)
    )


def _helper(entry: Loaded, kernel: LabKernel, text: bytes) -> str | None:
    found = _NO_HELPER.search(text)
    number = int(found[2]) if found else entry.helper if _NO_CALLBACKS.search(text) else None
    helper = helpers.by_id().get(number or 0)
    if helper is None or kernel.numbers >= numbers(helper.since):
        return None
    return f"helper {helper.name} came with {helper.since}"


def _map(entry: Loaded, kernel: LabKernel) -> str | None:
    if entry.verdict is not Verdict.NOT_LOADED or entry.map_type is None:
        return None
    if entry.errno == errno.ENOMEM:
        return "the guest has no memory for its maps"
    known = types.maps().get(entry.map_type)
    if known is None or entry.errno != errno.EINVAL or kernel.numbers >= numbers(known.since):
        return None
    return f"map type {known.name} came with {known.since}"


def _named(pattern: re.Pattern[bytes], text: bytes, sentence: str) -> str | None:
    found = pattern.search(text)
    return sentence.format(found[1].decode("ascii", "replace")) if found else None


def _no_btf(entry: Loaded, kernel: LabKernel) -> str | None:
    # Not the log alone: without BTF the verifier remarks "btf_vmlinux is malformed" on every program.
    # libbpf: Error loading vmlinux BTF: -ESRCH
    # calling kernel function is not supported without CONFIG_DEBUG_INFO_BTF
    asks = b"vmlinux BTF" in entry.messages or b"kernel BTF" in entry.messages
    asks = asks or b"CONFIG_DEBUG_INFO_BTF" in entry.logs.get(4, b"")
    return "it has no BTF" if kernel.btf is False and asks else None


def _silent(entry: Loaded) -> bool:
    """The kernel refused it before the verifier looked at it."""
    return entry.verdict is Verdict.NOT_LOADED and b"BPF program load failed" in entry.messages


def _without_privilege(entry: Loaded) -> str | None:
    if entry.errno not in (errno.EPERM, errno.EACCES) or entry.verdict is not Verdict.NOT_LOADED:
        return None
    if entry.capabilities == "unprivileged":
        return "not allowed without privileges"
    known = types.programs().get(entry.program.type or "")
    if entry.capabilities != "full" and known is not None and "CAP_PERFMON" in known.needs:
        return "needs CAP_PERFMON"
    return None


def _type(entry: Loaded, kernel: LabKernel) -> str | None:
    kind = entry.program.type or ""
    if not _silent(entry) or entry.errno != errno.EINVAL:
        return None
    known = types.programs().get(kind)
    if known is None:
        return None
    if kernel.numbers < numbers(known.since):
        return f"program type {kind} came with {known.since}"
    needs = known.config
    if not needs or (kernel.config is None and needs in _EVERYWHERE):
        return None
    if kernel.config is None:
        return f"program type {kind} is probably not built in ({needs})"
    built_in = f"\n{needs}=y" in kernel.config.decode("ascii", "replace")
    return None if built_in else f"program type {kind} is not built in ({needs})"
