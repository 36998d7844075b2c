"""iter and struct_ops: what a kernel offers as a type in its BTF."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.model.preflight import Cause, Hook, HookKind, NotKnown
from bpfdoctor.preflight.checks import kernel_function
from bpfdoctor.preflight.system import Of, System

_ITERATOR, _OPS = "bpf_iter_", "bpf_struct_ops_"


def look(hook: Hook, system: System) -> Iterator[Cause | NotKnown]:
    types, name = system.types, hook.target
    if hook.kind is HookKind.STRUCT_OPS:
        name = str(hook.options.get("structure", ""))
    if not name:
        yield NotKnown("nothing in the object says of which structure it is a part")
    elif types is None:
        yield NotKnown(system.why_not(Of.BTF))
    elif hook.kind is HookKind.ITER:
        if not types.has_function(f"{_ITERATOR}{name}"):
            yield _missing(_ITERATOR, name, "iterator-missing", {}, system)
    elif not types.has_struct(f"{_OPS}{name}"):
        yield _missing(_OPS, name, "struct-ops-missing", {"structure": name}, system)


def _missing(prefix: str, name: str, rule: str, values: dict[str, str], system: System) -> Cause | NotKnown:
    """Why the kernel's own types do not have it; those of modules may."""
    known = [each.removeprefix(prefix) for each in system.types.names(prefix)] if system.types else []
    similar = kernel_function.alike(name, known)
    if not system.shows_modules:
        return kernel_function.not_in_kernel(f"{prefix}{name}", system, similar)
    if system.in_modules(f"{prefix}{name}"):
        return NotKnown(f"{prefix}{name} is in a module")
    if values:
        return Cause(rule, {**values, "near": kernel_function.near(similar)})
    return Cause(rule, kernel_function.likely(similar))
