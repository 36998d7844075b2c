"""What this process may do: capabilities, the user namespace that they are of, seccomp."""

from __future__ import annotations

from collections.abc import Iterator

from bpfdoctor.kernel import types
from bpfdoctor.kernel.capabilities import BPF, NET_ADMIN, PERFMON, SYS_ADMIN
from bpfdoctor.model.preflight import Cause, Hook, Remark, Wants
from bpfdoctor.preflight.system import Caller, System

_NUMBERS = {"CAP_NET_ADMIN": NET_ADMIN, "CAP_PERFMON": PERFMON, "CAP_BPF": BPF, "CAP_SYS_ADMIN": SYS_ADMIN}
# bpf_prog_attach_check_attach_type(): such programs are loaded by everybody, not attached.
_TO_ATTACH = {"cgroup_skb": ("CAP_NET_ADMIN",)}
# bpf_prog_load(), kernel/bpf/syscall.c: what everybody may load where kernel.unprivileged_bpf_disabled is 0.
_FOR_EVERYBODY = ("socket_filter", "cgroup_skb")


def look(hook: Hook, wants: Wants, system: System) -> Iterator[Cause | Remark]:
    caller = system.caller
    if caller is None:
        return
    if caller.bpf_refused:
        yield Cause("bpf-call-forbidden", {"how": caller.bpf_refused}, of_machine=True)
    if not wants.type:
        return
    if wants.type in _FOR_EVERYBODY and system.setting("kernel.unprivileged_bpf_disabled") == "0":
        return
    needed = _needed(wants.type, system)
    missing = tuple(each for each in needed if _NUMBERS[each] not in caller.capabilities)
    if caller.in_own_namespace:
        if not caller.has_token:
            yield Cause("rights-of-a-namespace", {"needed": needed}, of_machine=True)
    elif missing and SYS_ADMIN not in caller.capabilities:
        yield _lacking(caller, needed, missing)


def _needed(kind: str, system: System) -> tuple[str, ...]:
    """The capabilities that loading, and for networking attaching, takes."""
    last = system.setting("kernel.cap_last_cap") or ""
    if last.isdigit() and int(last) < BPF:
        return ("CAP_SYS_ADMIN",)  # a kernel of before CAP_BPF
    known = types.programs().get(kind)
    return ("CAP_BPF", *(known.needs if known else ()), *_TO_ATTACH.get(kind, ()))


def _lacking(caller: Caller, needed: tuple[str, ...], missing: tuple[str, ...]) -> Cause | Remark:
    """An ordinary user's shell is seldom what the loader will run in: that is worth a sentence, no more."""
    if caller.name == "root" or caller.capabilities & set(_NUMBERS.values()):
        values = {"missing": missing, "needed": needed, "who": caller.name}
        return Cause("rights-missing", values, of_machine=True)
    names = " and ".join(needed)
    return Remark(f"Loading it takes {names}, which {caller.name} does not have: start the loader with sudo.")
