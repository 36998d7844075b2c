"""Which kernels are read, which Debian packages hold them, which files can print to a verifier log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from scripts.debian_packages import Store, Unavailable, unpack_tarball


@dataclass(frozen=True, slots=True)
class Source:
    """One linux-source package. `version` None asks for the newest one that any suite offers.

    `sha256` is set for a package that no suite lists any more and that comes from the pool by its name.
    `between` marks kernels whose messages we want to know, too, but that `make coverage` has no column for.
    """

    series: str
    version: str | None = None
    sha256: str = ""
    between: bool = False

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
        "6.16",
        "6.16.12-1~bpo13+1",
        "964713fc10135438e02350259f9c0f8f7a82a4994e27980790aaee1cfd197242",
        between=True,
    ),
    Source(
        "6.17",
        "6.17.13-1~bpo13+1",
        "8473b9d14f56d0af2da1607ee2e3435ea5c32f63ae6e52b2a0bd84aeef193dc8",
        between=True,
    ),
    Source(
        "6.18",
        "6.18.15-1~bpo13+1",
        "1638c9e5f4307c722231d8000e30cd2fa2fb71f55e081ff9eecfd0a756955c18",
    ),
    Source(
        "6.19",
        "6.19.14-1~bpo13+1",
        "027344f5c615c16df534878d7e434639d3bf7702c67bd41123be815e0953133b",
        between=True,
    ),
    Source(
        "7.0",
        "7.0.13-1~bpo13+1",
        "9de21058e4237f2533f044ec67af0b5edc3d879db2f3c8f2a396a33467154274",
        between=True,
    ),
    Source(
        "7.1",
        "7.1.13-1~bpo13+1",
        "50166eae1af0dd300ad3f74e7829bb4bbff71038eb4934625c713d021eb03258",
        between=True,
    ),
    Source("7.2"),
    Source("7.3"),
)

# Every file of these trees that calls a function in sinks.py, and the headers their macros come from.
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
    between: bool = False


def trees(
    store: Store,
    complain: list[str],
    refresh: bool = False,
    wanted: tuple[str, ...] = WANTED,
    kind: str = "trees",
) -> list[Tree]:
    """Fetches and unpacks what is missing (1.8 GB of packages, 15 s a kernel the first time).

    `wanted` are the files, `kind` the folder of the cache that holds trees with just these.

    A package that Debian does not have any more is a complaint; the list keeps what it knew of it.
    """
    if refresh:
        store.refresh()
    found = []
    for source in SOURCES:
        try:
            version = source.version or newest(store, source)
            folder = store.folder / kind / f"{source.package}_{version}"
            if not folder.exists():
                unpack_tarball(_deb(store, source, version), folder, wanted)
        except Unavailable as problem:
            complain.append(f"{problem}; its messages are kept as they are")
            continue
        found.append(Tree(source.series, source.package, version, folder, source.between))
    return found


def _deb(store: Store, source: Source, version: str) -> Path:
    if source.sha256:
        return store.fetch_from_pool(f"main/l/linux/{source.package}_{version}_all.deb", source.sha256)
    return store.fetch(source.package, version)


def newest(store: Store, source: Source) -> str:
    """The newest version of a series' source package; a release beats its release candidates (`7.3~rc7`)."""
    offered = store.versions(source.package)
    if not offered:
        raise Unavailable(f"no suite offers {source.package}: give a version and its hash in kernels.py")
    return offered[0]
