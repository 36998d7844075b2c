"""What the lints know from headers and BTF is what scripts/kernel_headers.py reads there."""

from __future__ import annotations

import struct

import pytest

from bpfdoctor.formats.btf import Btf
from bpfdoctor.kernel import from_headers
from scripts import kernel_headers

TRACING = """\
#if defined(bpf_target_x86)
#ifdef __i386__
#define __PT_PARM1_REG eax
#define __PT_PARM4_REG __unsupported__
#else
#define __PT_PARM1_REG di
#define __PT_PARM4_REG cx
#define __PT_RET_REG sp
#define __PT_SP_REG sp
#define __PT_PARM1_SYSCALL_REG __PT_PARM1_REG
#define __PT_PARM4_SYSCALL_REG r10
#endif
#elif defined(bpf_target_s390)
#define __PT_PARM2_REG gprs[3]
#endif
"""


def test_registers_are_those_of_x86() -> None:
    assert kernel_headers.registers(TRACING) == {
        "di": "PT_REGS_PARM1",
        "cx": "PT_REGS_PARM4",
        "sp": "PT_REGS_SP",
        "r10": "PT_REGS_PARM4_SYSCALL",
    }
    older = "#if defined(bpf_target_x86)\n#define PT_REGS_PARM4_SYSCALL(x) ((x)->r10)\n#elif 1\n"
    assert kernel_headers.registers(older) == {"r10": "PT_REGS_PARM4_SYSCALL"}


def test_licences_are_what_is_compared_with() -> None:
    text = 'return (strcmp(license, "GPL") == 0\n\t|| strcmp(license, "Dual MIT/GPL") == 0);'
    assert kernel_headers.licences(text) == ["GPL", "Dual MIT/GPL"]


def a_btf(*structs: tuple[str, int]) -> Btf:
    """Structures of one member each: of type id `of`, 0 for void. Types are numbered from 1."""
    strings, types = b"\0m\0", b""
    for name, of in structs:
        kind, names = (2, 0) if not name else (4, len(strings))  # "": a pointer to `of`
        strings += name.encode() + b"\0" if name else b""
        types += struct.pack("<III", names, kind << 24 | (kind == 4), of if kind == 2 else 8)
        types += struct.pack("<III", 1, of, 0) if kind == 4 else b""
    head = struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(types), len(types), len(strings))
    return Btf(head + types + strings)


def test_a_structure_is_the_kernels_by_what_it_holds_or_points_to() -> None:
    btf = a_btf(
        ("list_head", 0), ("inside", 1), ("", 2), ("points", 3), ("plain", 0), ("", 5), ("user", 6),
        ("trace_event_raw_x", 3),
    )  # fmt: skip
    assert kernel_headers.kernels_own(btf) == {"list_head", "inside", "points"}
    other = a_btf(("list_head", 0), ("inside", 1))
    assert kernel_headers.structures([btf, other], {"list_head"}) == ["inside"]


@pytest.mark.parametrize("name", ["task_struct", "sk_buff", "path", "cred", "net", "rq", "bio", "nsproxy"])
def test_what_tracing_programs_read_is_the_kernels(name: str) -> None:
    assert name in from_headers.kernels_own()


@pytest.mark.parametrize("name", ["pt_regs", "sockaddr_in", "iphdr", "timespec64", "user_msghdr", "iovec"])
def test_what_users_and_packets_have_is_not(name: str) -> None:
    assert name not in from_headers.kernels_own()


@pytest.mark.parametrize(("declared", "is_gpl"), [("GPL", True), ("Dual BSD/GPL", True), ("GPLv2", False)])
def test_the_licences_that_the_kernel_takes(declared: str, is_gpl: bool) -> None:
    assert from_headers.is_gpl(declared) is is_gpl
