"""What kprobes and fentry have in common: a function of the kernel, found by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bpfdoctor.kernel.versions import series
from bpfdoctor.model.preflight import Cause, NotKnown
from bpfdoctor.preflight.system import Of, System

NO_TARGET = NotKnown("nothing in the text says which function it is attached to")
# "tracing/kprobes: Return EADDRNOTAVAIL when func matches several symbols"; stable kernels have it, too.
_REFUSES_AMBIGUOUS = (6, 7)
_WRAPPED = ("__x64_sys_", "__ia32_sys_", "__arm64_sys_", "__s390x_sys_", "__riscv_sys_", "SyS_", "sys_")


def missing(name: str, system: System) -> Iterator[Cause | NotKnown]:
    """Why there is no function of this name; nothing where there is one."""
    symbols = system.symbols
    if symbols is None:
        yield NotKnown(system.why_not(Of.SYMBOLS))
        return
    if symbols.named(name):
        return
    made = [each.name for each in symbols.copies(name) if not each.name.endswith(".cold")]
    if made:
        yield Cause("kernel-function-renamed", {"function": name, "made": tuple(made)})
    elif wrappers := _wrappers(name, system):
        yield Cause("system-call-name", {"function": name, "wrappers": wrappers})
    elif not system.shows_modules:
        yield not_in_kernel(name, system, symbols.like(name))
    else:
        yield Cause("kernel-function-missing", {"function": name, **likely(symbols.like(name))})


def not_in_kernel(name: str, system: System, similar: Iterable[str] = ()) -> NotKnown:
    """What a kernel does not have that shows no modules."""
    return NotKnown(f"the kernel itself has no {name}{near(similar)}, and {system.why_not(Of.MODULES)}")


def alike(name: str, known: Iterable[str], most: int = 3, cutoff: float = 0.6) -> list[str]:
    """Those that are nearly named so, the nearest first: imported for hooks that are not there only."""
    from difflib import get_close_matches

    return get_close_matches(name, list(known), most, cutoff)


def likely(names: Sequence[str]) -> dict[str, str]:
    """The values of names that may have been meant: `near` lists them, `best` is the nearest, or ""."""
    return {"near": near(names), "best": names[0] if names else ""}


def near(names: Iterable[str]) -> str:
    """What follows a name that is not there: "; nearly the same: vfs_read, vfs_readv"."""
    listed = ", ".join(names)
    return f"; nearly the same: {listed}" if listed else ""


def _wrappers(name: str, system: System) -> tuple[str, ...]:
    """The functions that the kernel calls for the system call that the name stands for."""
    prefix = next((each for each in _WRAPPED if name.startswith(each)), None)
    if prefix is None or system.symbols is None:
        return ()
    found = [each.name for each in system.symbols.wrappers(name.removeprefix(prefix))]
    return tuple(sorted(found, key=lambda each: (not each.startswith(("__x64", "__arm64")), each)))


def not_traced(name: str, system: System) -> Iterator[Cause | NotKnown]:
    """Whether ftrace can trace a function that is there."""
    if system.traceable is None:
        return  # most functions can be traced: without the list there is nothing to say
    if name in system.traceable:
        return
    # ftrace lists one name of a function with several: __do_sys_sync for __x64_sys_sync.
    aliases = system.symbols.aliases(name) if system.symbols is not None else ()
    if aliases is None:
        yield NotKnown(
            f"ftrace does not list {name}, and addresses are hidden that would show its other names"
        )
    elif not system.traceable.intersection(aliases):
        yield Cause("function-not-traceable", {"function": name})


def several(name: str, system: System) -> Iterator[Cause]:
    """Whether the name stands for several functions, or some calls go to a copy of it."""
    symbols = system.symbols
    found = symbols.named(name) if symbols is not None else ()
    if symbols is None or not found:
        return
    if len(found) > 1 and len({each.module for each in found}) == 1:
        refused = series(system.kernel.release) >= _REFUSES_AMBIGUOUS
        rule = "kernel-function-ambiguous" if refused else "kernel-function-namesake"
        yield Cause(rule, {"function": name, "count": len(found)})
    if copies := [each.name for each in symbols.copies(name) if ".constprop." in each.name]:
        yield Cause("kernel-function-copied", {"function": name, "copies": tuple(copies)})
