"""Members of the kernel's structures that tracing programs read, and that later kernels call otherwise.

Each row was read in the BTF of Debian's kernels of both versions; tests/lab/test_renamed.py compares.
"""

from __future__ import annotations

from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True)
class Renamed:
    """`old` is the member's name in kernel `before`, `new` what is written instead in kernel `after`."""

    old: str
    before: str
    new: str
    after: str


_ROWS: dict[str, tuple[Renamed, ...]] = {
    "task_struct": (
        Renamed("state", "5.10", "__state", "6.1"),
        Renamed("cpu", "5.10", "thread_info.cpu", "6.1"),
    ),
    "inode": (
        Renamed("i_atime", "6.1", "i_atime_sec", "6.12"),
        Renamed("i_mtime", "6.1", "i_mtime_sec", "6.12"),
        Renamed("i_ctime", "6.1", "i_ctime_sec", "6.12"),
    ),
    "cfs_rq": (
        Renamed("nr_running", "6.12", "nr_queued", "6.18"),
        Renamed("h_nr_running", "6.1", "h_nr_queued", "6.12"),
    ),
    "bio": (Renamed("bi_disk", "5.10", "bi_bdev", "6.1"),),
    "request": (Renamed("rq_disk", "5.10", "q->disk", "6.1"),),
    "request_queue": (Renamed("backing_dev_info", "5.10", "disk->bdi", "6.1"),),
    "kernfs_node": (Renamed("parent", "6.12", "__parent", "6.18"),),
    "module": (Renamed("core_layout", "6.1", "mem", "6.12"),),
    "file": (Renamed("f_count", "6.12", "f_ref", "6.18"),),
    "iov_iter": (Renamed("iov", "6.1", "__iov", "6.12"),),
}


def rows() -> dict[str, tuple[Renamed, ...]]:
    """By the structure's name without `struct`."""
    return _ROWS


def other_name(type: str, member: str) -> Renamed | None:
    """What is known of `member`, an old name or a new one, of `struct inode` or of a flavour of it."""
    name = type.removeprefix("const ").removeprefix("struct ").partition("___")[0].strip()
    first = member.partition(".")[0]
    known = (row for row in _ROWS.get(name, ()) if first in (row.old, row.new))
    return next(known, None)
