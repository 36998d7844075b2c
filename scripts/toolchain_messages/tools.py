"""Which versions of which tools are read, from which Debian packages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.debian_packages import Store, Unavailable, unpack_deb, unpack_source
from scripts.kernel_messages import kernels
from scripts.toolchain_messages import bcc, c_tools, go_tools, llvm, provoke, rust_tools
from scripts.toolchain_messages.found import Found

# libbpf and bpftool come out of the kernels' own trees: libbpf 0.2, 1.1, 1.5, 1.7 …
_IPROUTE2_SOURCES = ("5.10.0-4", "6.1.0-3")
_IPROUTE2_BINARIES = ("6.15.0-1", "7.3.0-1")
_IPROUTE2_FILES = (
    "lib/bpf*.c",
    "lib/libnetlink.c",
    "tc/*bpf*.c",
    "tc/tc_filter.c",
    "ip/iplink_xdp.c",
    "include/bpf*.h",
)
_BCC = ("0.26.0+ds-1", "0.31.0+ds-7", "0.37.0+ds-8")
_CILIUM = ("0.9.1-1", "0.11.0-2", "0.22.0+ds1-1")
_GO = "usr/share/gocode/src/github.com/cilium/ebpf"
_RUST = (
    ("aya", "librust-aya-dev", "0.13.1-3"),
    ("aya", "librust-aya-obj-dev", "0.2.1-6"),
    ("libbpf-rs", "librust-libbpf-rs-dev", "0.25.0~beta.1-1"),
    ("libbpf-rs", "librust-libbpf-rs-dev", "0.27.2+ds-1"),
)
_CRATES = "usr/share/cargo/registry"
_LLVM_SOURCES = (("14", "1:14.0.6-12"), ("19", "1:19.1.7-3"), ("22", "1:22.1.8-3"))
_LLVM_FILES = ("llvm/lib/Target/BPF/*", "clang/include/clang/Basic/Diagnostic*Kinds.td")
_LLVM_BINARIES = (("23", "1:23.1.4-2"),)
# built for bookworm, so that they run where the others run
_CLANGS = (("14", "1:14.0.6-12"), ("19", "1:19.1.7-3~deb12u1"), ("22", "1:22.1.8-1~deb12u1"))


def everything(store: Store, complain: list[str]) -> Iterator[Found]:
    """All messages of all tools. A package that cannot be had is a complaint."""
    for reader in (_from_kernels, _iproute2, _bcc, _cilium, _rust, _llvm):
        print(f"reading {reader.__name__.strip('_')}", file=sys.stderr)
        try:
            yield from reader(store, complain)
        except Unavailable as problem:
            complain.append(str(problem))


def _from_kernels(store: Store, complain: list[str]) -> Iterator[Found]:
    for tree in kernels.trees(store, complain):
        if not tree.between:
            version = f"linux-{tree.series}"
            yield from c_tools.libbpf(version, tree.folder / "tools/lib/bpf")
            yield from c_tools.bpftool(version, tree.folder / "tools/bpf/bpftool")


def _iproute2(store: Store, complain: list[str]) -> Iterator[Found]:
    known: dict[str, Found] = {}
    for version in _IPROUTE2_SOURCES:
        folder = _folder(store, "iproute2-source", version)
        unpack_source(store.fetch_source("iproute2", version), folder, _IPROUTE2_FILES)
        for found in c_tools.iproute2(_upstream(version), folder):
            known.setdefault(found.format, found)
            yield found
    for version in _IPROUTE2_BINARIES:
        folder = _package(store, "iproute2", version)
        held = "\0".join(text for name in ("sbin/tc", "bin/ip", "sbin/ip") for text in _strings(folder, name))
        for found in known.values():
            if found.format.removesuffix(": %s") in held:
                yield Found(
                    "iproute2",
                    _upstream(version),
                    found.format,
                    found.file,
                    found.kind,
                    found.function,
                    "binary",
                )


def _bcc(store: Store, complain: list[str]) -> Iterator[Found]:
    for version in _BCC:
        yield from bcc.library(_upstream(version), _package(store, "libbpfcc", version))
        yield from bcc.python(_upstream(version), _package(store, "python3-bpfcc", version))


def _cilium(store: Store, complain: list[str]) -> Iterator[Found]:
    for version in _CILIUM:
        folder = _package(store, "golang-github-cilium-ebpf-dev", version)
        yield from go_tools.cilium(_upstream(version), folder / _GO)


def _rust(store: Store, complain: list[str]) -> Iterator[Found]:
    for tool, package, version in _RUST:
        crate = next((_package(store, package, version) / _CRATES).iterdir())
        yield from rust_tools.rust(tool, crate.name, crate)


def _llvm(store: Store, complain: list[str]) -> Iterator[Found]:
    known: dict[str, Found] = {}
    for series, version in _LLVM_SOURCES:
        folder = _folder(store, f"llvm-source-{series}", version)
        unpack_source(store.fetch_source(f"llvm-toolchain-{series}", version), folder, _LLVM_FILES)
        for found in llvm.source(f"clang-{series}", folder):
            known[found.format] = found
            yield found
    for series, version in _LLVM_BINARIES:
        folder = _package(store, f"libllvm{series}", version)
        library = max(folder.rglob("libLLVM*.so*"), key=lambda path: path.stat().st_size)
        yield from llvm.binary(f"clang-{series}", library, known)
    for series, version in _CLANGS:
        folder = store.folder / "trees" / f"clang-{series}_{version.split(':')[1]}"
        packages = (
            f"clang-{series}",
            f"libclang-cpp{series}",
            f"libllvm{series}",
            f"libclang-common-{series}-dev",
        )
        for package in packages:
            unpack_deb(store.fetch(package, version), folder)
        clang = folder / f"usr/lib/llvm-{series}/bin/clang"
        yield from provoke.provoked(f"clang-{series}", clang, folder / "usr/lib/x86_64-linux-gnu")


def _strings(folder: Path, name: str) -> Iterator[str]:
    file = next((path for path in folder.rglob(name) if path.is_file() and not path.is_symlink()), None)
    return bcc.strings(file) if file is not None else iter(())


def _package(store: Store, package: str, version: str) -> Path:
    folder = _folder(store, package, version)
    unpack_deb(store.fetch(package, version), folder)
    return folder


def _folder(store: Store, name: str, version: str) -> Path:
    return store.folder / "trees" / f"{name}_{version.rsplit(':', maxsplit=1)[-1]}"


def _upstream(version: str) -> str:
    """Debian's version without its own part: 0.37.0+ds-8 -> 0.37.0."""
    return version.rsplit(":", maxsplit=1)[-1].rsplit("-", 1)[0].split("+", maxsplit=1)[0]
