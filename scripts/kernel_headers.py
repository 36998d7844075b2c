"""`python -m scripts.kernel_headers`: what the kernel's headers and its BTF say to the lints.

Writes bpfdoctor/kernel/from_headers.json: the licences that license.h takes, the registers of x86 for which
bpf_tracing.h has a macro, and the structures that are the kernel's alone, in every kernel of the lab. The
headers are those of the packages linux-headers and linux-libc-dev, and of the lab's libbpf.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from bpfdoctor.formats.btf import ARRAY, PTR, STRUCT, UNION, Btf
from bpfdoctor.lab import kernel_btf, kernels, paths
from bpfdoctor.resources import folder

TABLE = folder("rules").parent / "bpfdoctor" / "kernel" / "from_headers.json"
_INCLUDE = Path("/usr/include")
# What links, locks and counts in the kernel: no system call and no packet has one.
_OWN = frozenset(
    {"list_head", "hlist_head", "hlist_node", "rb_node", "rb_root", "callback_head", "spinlock"}
    | {"raw_spinlock", "mutex", "rw_semaphore", "refcount_struct", "kref", "kobject", "wait_queue_head"}
)
# What a program gets as its context: the layout is the interface.
_CONTEXT = re.compile(r"trace_event_raw_|bpf_iter__|bpf_ctx_convert")
_LICENCE = re.compile(r'strcmp\(license, "([^"]*)"\)')
_X86 = re.compile(r"#if defined\(bpf_target_x86\)\n(.*?)\n#elif", re.DOTALL)
_REGISTER = re.compile(r"#define __PT_(PARM\d|RC|SP|IP|FP)_REG (\w+)")
_SYSCALL = re.compile(
    r"#define (?:PT_REGS_(PARM\d)_SYSCALL\(x\) \(+x\)+->(\w+)"  # libbpf up to 1.1
    r"|__PT_(PARM\d)_SYSCALL_REG (\w+))"
)
_OTHER = re.compile(r"__\w+|e\w\w")  # another macro, and i386
_STRUCT = re.compile(r"\bstruct\s+(\w+)\s*\{")


def licences(text: str) -> list[str]:
    """Of include/linux/license.h: what a section `license` may say for the helpers that want the GPL."""
    return _LICENCE.findall(text)


def registers(text: str) -> dict[str, str]:
    """Of bpf_tracing.h: member of x86's struct pt_regs -> macro, the 64-bit names of user space, too."""
    block = _X86.search(text)
    found: dict[str, str] = {}
    for macro, member in _REGISTER.findall(block[1] if block else ""):
        if not _OTHER.fullmatch(member):
            found.setdefault(member, f"PT_REGS_{macro}")
    for old, old_member, new, member in _SYSCALL.findall(block[1] if block else ""):
        if not _OTHER.fullmatch(old_member or member):
            found.setdefault(old_member or member, f"PT_REGS_{old or new}_SYSCALL")
    return found


def kernels_own(btf: Btf) -> set[str]:
    """The structures whose memory is always the kernel's: they hold a list, a lock or a count of its own, or
    the address of such a structure."""
    holds: dict[int, set[int]] = {}
    own: set[int] = set()
    for id in range(1, len(btf)):
        found = btf.type(id)
        if found is not None and found.kind in (STRUCT, UNION):
            holds[id] = {inner for member in btf.members(id) if (inner := _aggregate(btf, member.type))}
            if found.kind == STRUCT and found.name in _OWN:
                own.add(id)
    grown = True
    while grown:
        more = {id for id, inner in holds.items() if id not in own and inner & own}
        own |= more
        grown = bool(more)
    names = {found.name for id in own if (found := btf.type(id)) and found.kind == STRUCT and found.name}
    return {name for name in names if not _CONTEXT.match(name)}


def _aggregate(btf: Btf, id: int) -> int:
    """The structure that a member is, has several of, or points to; 0 where it is none."""
    for _ in range(8):
        id = btf.resolve(id)
        found = btf.type(id)
        if found is None:
            return 0
        if found.kind in (STRUCT, UNION):
            return id
        if found.kind == PTR:
            id = found.ref
        elif found.kind == ARRAY:
            id = (btf.array(id) or (0, 0))[0]
        else:
            return 0
    return 0


def structures(kernels: list[Btf], declared: set[str]) -> list[str]:
    """The kernel's alone in every one of the kernels, and in no header for programs."""
    return sorted(set.intersection(*map(kernels_own, kernels)) - declared)


def _declared() -> Iterator[str]:
    for path in _INCLUDE.rglob("*.h"):
        yield from _STRUCT.findall(path.read_text(errors="replace"))


def main() -> int:
    argparse.ArgumentParser(description=__doc__).parse_args()
    read = [btf for kernel in kernels.installed() if (btf := kernel_btf.read(kernel))]
    [licence] = sorted(Path("/usr/src").glob("linux-headers-*-common/include/linux/license.h"))[-1:]
    [tracing] = sorted(paths.lab_dir().glob("libbpf/*/include/bpf/bpf_tracing.h"))[-1:]
    table = {
        "licences": licences(licence.read_text()),
        "registers": registers(tracing.read_text()),
        "structures": structures([Btf(each) for each in read], set(_declared())),
    }
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
    TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(len(read), "kernels", {key: len(value) for key, value in table.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
