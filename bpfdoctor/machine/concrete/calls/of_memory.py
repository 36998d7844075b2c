"""Helpers that read memory of others, and text (kernel/trace/bpf_trace.c)."""

from __future__ import annotations

from bpfdoctor.machine.bits import S32_MAX, U32_MAX, U64_MAX
from bpfdoctor.machine.concrete.calls.registry import Arguments, given, model
from bpfdoctor.machine.concrete.faults import Fault, FaultKind
from bpfdoctor.machine.concrete.maps import EFAULT, EINVAL
from bpfdoctor.machine.concrete.process import Process

_FIRST_PAGE = 4096


def _read_other(process: Process, a: Arguments, whose: str) -> int:
    to, size, address = given(a, 1), given(a, 2) & U32_MAX, given(a, 3)
    if size > S32_MAX:
        raise Fault(FaultKind.ARGUMENT, "a negative size")
    data = _foreign(process, address, size, whose)
    process.memory.write(to, data if data is not None else bytes(size))
    return 0 if data is not None else -EFAULT


def _foreign(process: Process, address: int, size: int, whose: str) -> bytes | None:
    """Bytes at any address, None where nothing can be read: probe_read never faults.

    Whether there is memory at an address that a program got as a number is the world's choice. So it is with
    an argument of the traced function: whether it points to the kernel's memory or the user's is not known.
    """
    address &= U64_MAX
    region = process.memory.region_of(address)
    if region is None:
        there = address >= _FIRST_PAGE and process.world.is_lucky(f"memory of others[{address:#x}]")
        return process.world.bytes(f"at {address:#x}", size) if there else None
    is_users = region.kind == "user"
    if whose == "user" and not is_users:
        known = region.kind in ("kernel", "typed")
        if not known or not process.world.is_lucky(f"memory of the user[{address:#x}]"):
            return None
    elif whose == "kernel" and is_users:
        return None
    try:
        return process.memory.read(address, size, may_be_unwritten=True)
    except Fault:
        return None


@model("bpf_probe_read")
def _probe_read(process: Process, a: Arguments) -> int:
    return _read_other(process, a, "")


@model("bpf_probe_read_kernel")
def _probe_read_kernel(process: Process, a: Arguments) -> int:
    return _read_other(process, a, "kernel")


@model("bpf_probe_read_user", "bpf_copy_from_user", "bpf_copy_from_user_task")
def _probe_read_user(process: Process, a: Arguments) -> int:
    return _read_other(process, a, "user")


def read_text(process: Process, a: Arguments, whose: str) -> int:
    """A string with its NUL, cut to what fits; its length."""
    to, size, address = given(a, 1), given(a, 2) & U32_MAX, given(a, 3)
    if not size:
        return 0
    process.memory.at(to, size, is_write=True)
    data = _foreign(process, address, 1, whose)
    if data is None:
        process.memory.write(to, bytes(size))
        return -EFAULT
    region = process.memory.region_of(address & U64_MAX)
    if region is None:
        data = b"%07x" % (process.world.draw(f"text at {address:#x}") & 0xFFFFFFF)
    else:
        start = (address & U64_MAX) - region.base
        if region.fill is not None:
            region.fill(start, min(size, len(region.data) - start))
        data = bytes(region.data[start : start + size])
    text = data[: size - 1].split(b"\0", 1)[0] + b"\0"
    process.memory.write(to, text)
    return len(text)


@model("bpf_probe_read_str")
def _probe_text(process: Process, a: Arguments) -> int:
    return read_text(process, a, "")


@model("bpf_probe_read_kernel_str")
def _probe_kernel_text(process: Process, a: Arguments) -> int:
    return read_text(process, a, "kernel")


@model("bpf_probe_read_user_str")
def _probe_user_text(process: Process, a: Arguments) -> int:
    return read_text(process, a, "user")


@model("bpf_strtol", "bpf_strtoul")
def _to_number(process: Process, a: Arguments) -> int:
    text = process.memory.read(given(a, 1), given(a, 2) & U32_MAX).split(b"\0", 1)[0].split()
    digits = text[0] if text else b""
    if not digits.lstrip(b"-").isdigit():
        return -EINVAL
    process.memory.write(given(a, 4), (int(digits) & U64_MAX).to_bytes(8, "little"))
    return len(digits)


@model("bpf_strncmp")
def _compare(process: Process, a: Arguments) -> int:
    size = given(a, 2) & U32_MAX
    left = process.memory.read(given(a, 1), size).split(b"\0", 1)[0]
    right = process.memory.text(given(a, 3))[:size]
    return (left > right) - (left < right)


@model("bpf_trace_printk", "bpf_trace_vprintk")
def _print(process: Process, a: Arguments) -> int:
    text = process.memory.read(given(a, 1), given(a, 2) & U32_MAX)
    process.did("bpf_trace_printk", text)
    return len(text)


@model("bpf_snprintf")
def _format(process: Process, a: Arguments) -> int:
    size = given(a, 2) & U32_MAX
    form, data = process.memory.text(given(a, 3)), process.memory.read(given(a, 4), given(a, 5) & U32_MAX)
    process.memory.write(given(a, 1), (form + data)[: max(size - 1, 0)].ljust(size, b"\0"))
    return len(form)
