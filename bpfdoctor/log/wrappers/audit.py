"""Reads what the audit log has of a request about BPF that SELinux refused."""

from __future__ import annotations

from bpfdoctor import linux_errno as errno
from bpfdoctor.model.failure import Failure, Step
from bpfdoctor.pattern import later

# avc:  denied  { prog_load } for  pid=7 comm="runc" scontext=u:r:domain_t:s0 … tclass=bpf permissive=0
_AVC = later(
    r"\bavc: +denied +\{ ?([\w ]{2,80}?) ?\} .{0,600}?\bscontext=\w{1,60}:\w{1,60}:(\w{1,100})\b"
    r".{0,400}?\btclass=(\w+)"
)
_STEPS = {"prog_load": Step.LOAD, "map_create": Step.MAP}
_CLASSES = ("bpf", "perf_event", "lockdown")
_CAPABILITIES = ("bpf", "perfmon", "sys_admin", "net_admin", "sys_resource")


def is_record(line: str) -> bool:
    """Whether a line is SELinux's, about anything."""
    return "avc:" in line and "denied" in line


def read(line: str) -> Failure | None:
    """The refusal; None for one that is not about BPF, and where SELinux only takes note (permissive=1)."""
    found = _AVC.search(line)
    if found is None or "permissive=1" in line:
        return None
    wanted, domain, of = found.groups()
    asked = wanted.split()
    if of not in _CLASSES and not (of.startswith("capab") and set(asked) & set(_CAPABILITIES)):
        return None
    step = next((_STEPS[word] for word in asked if word in _STEPS), Step.UNKNOWN)
    return Failure(said=line, who="SELinux", step=step, kind="selinux", target=domain, errno=errno.EACCES)
