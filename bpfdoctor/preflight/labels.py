"""Sections whose name is a label: another program calls that program, or its loader chooses the place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bpfdoctor.model.preflight import Cause, Hook, HookKind, NotKnown
from bpfdoctor.preflight.loader_text import CALLED

_MISSING = frozenset(
    {
        "tracepoint-missing",
        "probed-file-missing",
        "kernel-function-missing",
        "system-call-name",
        "lsm-hook-missing",
    }
)
# What the kernel may have under the name that the loader gives.
_OTHERWISE = _MISSING | {"kernel-function-renamed"}
# What is said of the moment at which a program runs.
_OF_MOMENT = frozenset({"registers-of-other-moment", "program-macro", "system-call-arguments"})
_PROG_ARRAY = 3  # enum bpf_map_type
_OF_PROGRAMS = (HookKind.FENTRY, HookKind.FEXIT)
_BY_SYMBOL = (HookKind.KPROBE, HookKind.KRETPROBE)
_PLACEHOLDERS = frozenset({"dummy", "placeholder", "none", "todo", "xxx", "_"})


def without_labels(hook: Hook, found: Sequence[Cause | NotKnown]) -> Sequence[Cause | NotKnown]:
    """What was found, `found` itself; of a label that it is one, as nothing of that name has to be there."""
    if hook.wants is not None and hook.wants.called_from and any(isinstance(each, Cause) for each in found):
        listed = f"it is in the map {hook.wants.called_from}, from which bpf_tail_call() runs it"
        return [
            NotKnown(f"{hook.target} would not fire, and nothing may have to be attached there: {listed}")
        ]
    rules = {each.rule for each in found if isinstance(each, Cause)}
    why = _why(hook, found) if hook.section is not None and rules & _MISSING else ""
    if not why and hook.wants is not None and hook.wants.chooses and rules & _OTHERWISE:
        why = f"nothing here is called {hook.target}: {hook.wants.chooses}"
    return [NotKnown(why)] if why else found


def of_label(shown: Iterable[Cause]) -> list[Cause]:
    """What a program's text shows that is so wherever it is attached."""
    return [each for each in shown if each.rule not in _OF_MOMENT]


def _why(hook: Hook, found: Sequence[Cause | NotKnown]) -> str:
    first = hook.target.partition(":")[0]
    chosen = f"nothing here is called {hook.target}: its loader may choose another place"
    if first.lower() in _PLACEHOLDERS or hook.target == hook.program:
        return chosen
    if hook.kind in _OF_PROGRAMS and hook.target in ("xdp", "tc"):
        return "it is for another program (xdp, tc), which its loader chooses"
    if hook.kind.value in hook.target.split("_"):
        return chosen  # generic_fentry: named by the kind of its hook
    if hook.kind is HookKind.TRACEPOINT and ":" not in hook.target:
        return chosen  # libbpf wants a category, and attaches nothing without one
    has_near = any(isinstance(each, Cause) and each.values.get("near") for each in found)
    wrappers = [
        each.values["wrappers"][0] for each in found if isinstance(each, Cause) and "wrappers" in each.values
    ]
    is_called = hook.wants is not None and any(type == _PROG_ARRAY for _, type in hook.wants.map_types)
    if wrappers and (other := _by_cilium(hook, wrappers[0])):
        return other
    if is_called and not has_near:
        instead = f" (it is {wrappers[0]})" if wrappers else ""
        called = "another program of the object may call it (a tail call)"
        return f"nothing here is called {hook.target}{instead}: {called}"
    return ""


def _by_cilium(hook: Hook, wrapper: str) -> str:
    """Who would attach a program all the same that is named for a system call; "" for nobody.

    cilium/ebpf's link.Kprobe() looks for the architecture's name where a function is not there (its pull
    request 304).
    """
    is_its = CALLED in hook.options or (hook.wants is not None and "cilium/ebpf" in hook.wants.chooses)
    if not is_its or hook.kind not in _BY_SYMBOL or hook.target != f"sys_{wrapper.partition('_sys_')[2]}":
        return ""
    return f"nothing here is called {hook.target}: libbpf would fail, and cilium/ebpf takes {wrapper}"
