"""Copies what lies behind a kernel pointer into a variable with a helper, and uses the variable."""

from __future__ import annotations

from bpfdoctor.evidence.context import Context
from bpfdoctor.evidence.facts import Facts
from bpfdoctor.fixes.plan import Plan, Site, site
from bpfdoctor.source.cvalues import Access


def plan(context: Context, facts: Facts | None) -> tuple[Plan, ...]:
    """Values for the code: `helper`, `type`, `copy` (the new variable), `address` (what to read)."""
    at = site(context)
    if at is None:
        return ()
    for access in at.c.accesses_on(at.line):
        if access.address or access.written or access.span.line != access.span.end_line:
            continue
        if access.kind not in ("arrow", "deref", "index"):
            continue
        copy = at.free_name(access.member if access.member.isidentifier() else access.root)
        address = access.base if access.kind == "deref" else f"&{access.text}"
        helper = "bpf_probe_read_user" if _in_user_memory(at.function.section) else "bpf_probe_read_kernel"
        values = {"helper": helper, "type": _type(at, access), "copy": copy, "address": address}
        replaced = at.replacement(access.span.line, access.span.column, access.span.end_column, copy)
        inserted = at.before(at.line, values)
        return (*inserted, replaced) if inserted else ()
    return ()


def _type(at: Site, access: Access) -> str:
    """The type of what is read, without const: a constant copy would be worth its first value for ever."""
    root = at.c.declaration_of(access.root, at.line)
    if root is None or "const" not in root.type:
        return f"typeof({access.text})"
    if access.kind in ("deref", "index") and access.base == access.root and root.type.count("*") == 1:
        return root.type.replace("const", "").replace("*", "").strip()
    return f"typeof((0, {access.text}))"


def _in_user_memory(section: str | None) -> bool:
    """Whether pointers among the program's arguments are the process's own: those of a system call."""
    return (section or "").startswith(("tracepoint/syscalls/sys_enter", "tp/syscalls/sys_enter", "ksyscall/"))
