"""iter and struct_ops: what a kernel offers as a type in its BTF."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

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
            near = get_close_matches(name, [each.removeprefix(_ITERATOR) for each in types.names(_ITERATOR)])
            yield Cause("iterator-missing", {"near": kernel_function.near(near)})
    elif not types.has_struct(f"{_OPS}{name}"):
        near = get_close_matches(name, [each.removeprefix(_OPS) for each in types.names(_OPS)])
        yield Cause("struct-ops-missing", {"structure": name, "near": kernel_function.near(near)})
