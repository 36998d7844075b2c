"""A step of loading that failed, as a loader tells it: who, which step, on what, with which error."""

from __future__ import annotations

from enum import StrEnum

from bpfdoctor.linux_errno import errorcode
from bpfdoctor.model.record import dataclass

ENOTSUPP = 524  # the kernel's own, which no C library knows

_NAMES = {
    ENOTSUPP: "ENOTSUPP",
    # libbpf's own, beyond the kernel's
    4001: "LIBBPF_ERRNO__FORMAT",
    4007: "LIBBPF_ERRNO__VERIFY",
    4008: "LIBBPF_ERRNO__PROG2BIG",
    4009: "LIBBPF_ERRNO__KVER",
    4010: "LIBBPF_ERRNO__PROGTYPE",
}


class Step(StrEnum):
    """What a loader does, in its order."""

    OPEN = "open"  # read the object file
    RELOCATE = "relocate"  # fit it to this kernel: CO-RE, externs, calls
    BTF = "btf-load"
    MAP = "map-create"
    LOAD = "program-load"
    ATTACH = "attach"
    REGISTER = "register"  # a struct_ops map: a scheduler, a congestion control
    PIN = "pin"
    READ = "read"  # ring buffers, perf buffers, map values
    REQUEST = "request"  # anything else that a tool asks of the kernel, or its user of it
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Failure:
    """`kind` is what the step is about: kprobe, fentry, xdp …; `target` is its name: vfs_read, eth0."""

    said: str  # the line as it was printed, without what loggers put around it
    who: str = ""  # "" where nobody says
    step: Step = Step.UNKNOWN
    kind: str = ""
    target: str = ""
    program: str = ""
    map: str = ""
    errno: int | None = None  # positive
    extack: str = ""  # the kernel's or the driver's own words

    @property
    def errno_name(self) -> str:
        """EBUSY; "" where no error number was printed."""
        if self.errno is None:
            return ""
        return _NAMES.get(self.errno) or errorcode.get(self.errno, str(self.errno))
