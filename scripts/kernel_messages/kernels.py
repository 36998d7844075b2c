"""Which kernels are read, which Debian packages hold them, which files can print to a verifier log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scripts.debian_packages import Store, unpack_tarball


@dataclass(frozen=True, slots=True)
class Source:
    """One linux-source package. `version` None asks for the newest one that any suite offers."""

    series: str
    version: str | None = None
    pool: str | None = None  # set when no suite lists the package any more
    sha256: str = ""

    @property
    def package(self) -> str:
        return f"linux-source-{self.series}"


# To add a kernel: add its line here, run `make messages`, read what the script complains about.
SOURCES = (
    # 5.10.218 is the last with the classic stack rules; many a user's 5.10 is older than Debian's newest
    Source("5.10", "5.10.218-1"),
    Source("5.10"),
    Source("6.1"),
    Source("6.12"),
    Source(
        "6.18",
        "6.18.15-1~bpo13+1",
        "main/l/linux/linux-source-6.18_6.18.15-1~bpo13+1_all.deb",
        "1638c9e5f4307c722231d8000e30cd2fa2fb71f55e081ff9eecfd0a756955c18",
    ),
    Source("7.2"),
    Source("7.3"),
)

# Every file of the six trees that calls a function in sinks.py, and the headers their macros come from.
# net/core/filter.c and kernel/trace/bpf_trace.c print nothing so far; they are read in case they start to.
WANTED = (
    "kernel/bpf/*.[ch]",
    "kernel/trace/bpf_trace.c",
    "kernel/sched/ext*.c",
    "net/bpf/*.c",
    "net/core/dev.c",
    "net/core/filter.c",
    "net/ipv4/bpf_tcp_ca.c",
    "net/netfilter/nf_conntrack_bpf.c",
    "net/netfilter/nf_bpf_link.c",
    "net/sched/bpf_qdisc.c",
    "net/sched/cls_bpf.c",
    "drivers/hid/bpf/hid_bpf*.c",
    "drivers/net/netdevsim/bpf.c",
    "drivers/net/ethernet/netronome/nfp/bpf/*.[ch]",
    "include/linux/bpf*.h",
    "include/linux/btf*.h",
    # for scripts/toolchain_messages
    "tools/lib/bpf/*.[ch]",
    "tools/bpf/bpftool/*.[ch]",
)


@dataclass(frozen=True, slots=True)
class Tree:
    """An unpacked source tree."""

    series: str
    package: str
    version: str
    folder: Path


def trees(store: Store, refresh: bool = False) -> list[Tree]:
    """Fetches and unpacks what is missing (about 1 GB of packages, 15 s a kernel the first time)."""
    if refresh:
        store.refresh()
    found = []
    for source in SOURCES:
        version = source.version or newest(store, source)
        folder = store.folder / "trees" / f"{source.package}_{version}"
        if not folder.exists():
            if source.pool:
                deb = store.fetch_from_pool(source.pool, source.sha256)
            else:
                deb = store.fetch(source.package, version)
            unpack_tarball(deb, folder, WANTED)
        found.append(Tree(source.series, source.package, version, folder))
    return found


def newest(store: Store, source: Source) -> str:
    """The newest version of a series' source package; a release beats its release candidates (`7.3~rc7`)."""
    offered = store.versions(source.package)
    if not offered:
        raise SystemExit(f"no suite offers {source.package}; give its path in the pool in kernels.py")
    return offered[0]
