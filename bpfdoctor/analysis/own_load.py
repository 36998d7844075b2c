"""What is known of a load that bpfdoctor made itself, and that the kernel refused without a word."""

from __future__ import annotations

from bpfdoctor import linux_errno as errno
from bpfdoctor.kernel import types
from bpfdoctor.kernel.capabilities import NEEDED, SETS
from bpfdoctor.kernel.versions import numbers
from bpfdoctor.model.failure import Failure, Step
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Flavour, RawReport

_FORBIDDEN = (
    "The kernel did not look at the program, although the process that loads has every capability: an option "
    "of this kernel, lockdown, seccomp, an LSM or the container's host forbids it."
)
_HIDDEN = "Something between this process and the kernel hides bpf(), which the kernel itself has."
_SEEN = " What can be seen of why: {}."
_ASK_OTHERS = "bpfdoctor check --kernel all FILE asks other kernels, each in a VM"
_LOOK = "sudo dmesg | grep -iE 'lockdown|audit|bpf', in a container on its host, too; " + _ASK_OTHERS
_NO_MORE = (
    "the kernel was asked with room for its whole log and wrote none, so there is no more to be had from it. "
    + _ASK_OTHERS
)


@dataclass(frozen=True, slots=True)
class OwnLoad:
    """`means` is "" where no more is known than the error; `is_shown`: it is why, without a doubt."""

    means: str
    next: str
    is_shown: bool = False


def told_of(raw: RawReport, failure: Failure | None) -> OwnLoad | None:
    """What to say instead of advice to people who have only a text; None where the text is all there is."""
    if raw.flavour is Flavour.LOG or raw.kernel is None or failure is None or failure.step is not Step.LOAD:
        return None
    release, seen = raw.kernel.release, _SEEN.format(raw.bars) if raw.bars else ""
    kind = types.programs().get((raw.program.type if raw.program else None) or "")
    if failure.errno == errno.EINVAL and kind is not None and numbers(kind.since) > numbers(release):
        came = f"Programs of type {kind.name} came with Linux {kind.since}; this kernel is {release}."
        return OwnLoad(came, f"load it on Linux {kind.since} or later. {_ASK_OTHERS}", True)
    if failure.errno in (errno.EPERM, errno.EACCES):
        if kind is not None and (lacks := raw.lacks or _left_out(kind, raw.kernel.capabilities)):
            needs, its = " and ".join(kind.needs), " and ".join(lacks)
            told = f"A program of type {kind.name} takes {needs} besides CAP_BPF, and {its} was not there."
            return OwnLoad(told, "run it with sudo, or with that capability, and without --caps", True)
        if raw.kernel.capabilities == "full":
            return OwnLoad(_FORBIDDEN + seen, _LOOK)
    if failure.errno == errno.ENOSYS and seen:
        return OwnLoad(
            _HIDDEN + seen, "let bpf() through where the filter is set: the container's host knows"
        )
    return OwnLoad("", _NO_MORE)


def _left_out(kind: types.KernelType, capabilities: str) -> tuple[str, ...]:
    """What a type takes of the capabilities that a set (`--caps`) does not have."""
    kept = SETS.get(capabilities)
    return () if kept is None else tuple(name for name in kind.needs if NEEDED[name] not in kept)
