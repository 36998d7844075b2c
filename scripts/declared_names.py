"""`python -m scripts.declared_names`: which header declares a name, and which clang first has a built-in.

Writes bpfdoctor/kernel/declared_in.json from Debian's libbpf-dev (every version) and its newest
linux-libc-dev, and bpfdoctor/kernel/clang_builtins.json from the libraries of every clang that Debian has.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bpfdoctor.resources import folder
from scripts.debian_packages import Store, Unavailable, unpack_deb

KERNEL = folder("rules").parent / "bpfdoctor" / "kernel"
LIBBPF = (
    "bpf_helpers.h",
    "bpf_helper_defs.h",
    "bpf_endian.h",
    "bpf_tracing.h",
    "bpf_core_read.h",
    "usdt.bpf.h",
)
# The headers for programs that BPF programs use; a name is the first one's.
UAPI = (
    "linux/bpf.h", "linux/if_ether.h", "linux/in.h", "linux/in6.h", "linux/ip.h", "linux/ipv6.h",
    "linux/tcp.h", "linux/udp.h", "linux/icmp.h", "linux/icmpv6.h", "linux/if_packet.h", "linux/if_arp.h",
    "linux/if.h", "linux/if_tun.h", "linux/igmp.h", "linux/netfilter.h", "linux/netlink.h",
    "linux/pkt_cls.h", "linux/seg6.h", "linux/seg6_local.h", "linux/perf_event.h", "linux/bpf_perf_event.h",
    "linux/sched.h", "linux/capability.h", "linux/limits.h", "linux/stat.h", "linux/fcntl.h", "linux/mman.h",
    "linux/ptrace.h", "linux/time.h", "linux/time_types.h", "linux/stddef.h", "linux/lirc.h",
    "linux/seccomp.h", "linux/magic.h", "linux/un.h",
)  # fmt: skip
ASM = (
    "errno-base.h",
    "errno.h",
    "signal.h",
    "signal-defs.h",
    "fcntl.h",
    "mman-common.h",
    "socket.h",
    "posix_types.h",
)
_ASM_NAMES = {"errno-base.h": "linux/errno.h", "errno.h": "linux/errno.h", "signal.h": "linux/signal.h"}
_ASM_NAMES |= {"signal-defs.h": "linux/signal.h", "fcntl.h": "linux/fcntl.h", "mman-common.h": "linux/mman.h"}
_ASM_NAMES |= {"socket.h": "asm/socket.h", "posix_types.h": "linux/posix_types.h"}

_MACRO = re.compile(
    r"^[ \t]*#[ \t]*define[ \t]+([A-Za-z]\w+)(\(?)(?:[^\n]*?[ \t])?([^\s]*)[ \t]*(?:/\*[^\n]*)?$",
    re.MULTILINE,
)
_FUNCTION = re.compile(
    r"^(?:static [^\n;={}]*?|[^\n;={}#]*?\(\*const |[^\n;={}#]*?\(\* const )(\w+)\)?\(", re.MULTILINE
)
_EXTERN = re.compile(r"^extern [^;{}]*?\b(\w+)\([^;{}]*?\)[^;{}]*;", re.MULTILINE)
_ENUM = re.compile(r"\benum\b[^{;()]*\{([^}]*)\}")
_ENUMERATOR = re.compile(r"^\s*([A-Z]\w+)", re.MULTILINE)
_STRUCT = re.compile(r"^struct (\w+)\s*\{", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|\d+")

# Built-ins of one processor: no BPF program can mean them.
_PROCESSOR = re.compile(
    r"[A-Z]|__builtin_(?:ia32|altivec|vsx|amdgcn|arm|aarch64|riscv|wasm|ptx|nvvm|s390|elementwise_(?!abs)|mips|ve_|msa"
    r"|hlsl|spirv|ppc|r600|sve|neon|loongarch|la?sx|nontemporal|avr|sme|rvv|vp_|cpu_|arc|bpermd|brev_|circ|cfuged"
    r"|amo_|aes|darn|dcb|add[fg]\d|divf|fmaf|mulf|subf|sqrtf|truncf|mma|pdep|pext|mff|mtf|set_fpscr|setrnd|unpack"
    r"|pack_|tabort|tbegin|tcheck|tend|tresume|trecl|tsr|tsus|ttest|get_tex|set_tex|trec|recip|rsqrt|readflm|scalar"
    r"|setflm|swdiv|test_data|xx|bcd|vec|cipher|com[cf]ex|store_vec|load_vec|longjmp_|dot4|get_vector|isel|kill"
    r"|national|zoned|crypto|dfp|ldrex|popcntb|hexagon|sha|tx_|non_tx|altivec|insert_exp|extract_(?:exp|sig)|bitrev$)"
)


def main() -> int:
    store = Store()
    write("declared_in", declared(store))
    write("clang_builtins", builtins(store))
    return 0


def write(name: str, table: dict[str, object]) -> None:
    """One line for each key."""
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
    path = KERNEL / f"{name}.json"
    path.write_text("{\n" + lines + "\n}\n")
    print(f"{path}: {len(table)} keys")


# ---- headers


def declared(store: Store) -> dict[str, object]:
    """By header, by name: [kind, the number that a macro is, the last libbpf of ours without it]."""
    found: dict[str, tuple[str, list[str]]] = {}
    before = ""
    for version in reversed([each for each in store.versions("libbpf-dev") if ":" in each]):
        try:
            root = _unpacked(store, "libbpf-dev", version)
        except Unavailable:  # a suite's older update; one without an epoch is the source's
            continue
        for name in LIBBPF:
            path = root / "usr/include/bpf" / name
            header = "bpf/bpf_helpers.h" if name == "bpf_helper_defs.h" else f"bpf/{name}"
            for each, kind, value in _names(path.read_text()) if path.exists() else ():
                found.setdefault(each, (header, [kind, value, before]))
        before = re.sub(r"^\d+:|-.*$", "", version)
    libc = _unpacked(store, "linux-libc-dev", store.versions("linux-libc-dev")[0]) / "usr/include"
    headers = [(libc / header, header) for header in UAPI]
    headers += [(libc / "asm-generic" / name, _ASM_NAMES[name]) for name in ASM]
    for path, header in headers:
        for each, kind, value in _names(path.read_text()):
            found.setdefault(each, (header, [kind, value, ""]))
    table: dict[str, dict[str, list[str]]] = {}
    for name, (header, row) in sorted(found.items()):
        table.setdefault(header, {})[name] = row
    return dict(sorted(table.items()))


def _names(text: str) -> Iterator[tuple[str, str, str]]:
    """(name, kind, value) of what a header declares."""
    text = _COMMENT.sub("", text)
    for name, call, value in _MACRO.findall(text):
        if not name.startswith("_") and not name.endswith("_H"):
            kind = "macro" if call else "constant"
            yield name, kind, value if kind == "constant" and _NUMBER.fullmatch(value) else ""
    for each in (_FUNCTION, _EXTERN):
        yield from ((name, "function", "") for name in each.findall(text) if not name.startswith("_"))
    for body in _ENUM.findall(text):
        yield from ((name, "enumerator", "") for name in _ENUMERATOR.findall(body))
    yield from ((f"struct {name}", "struct", "") for name in _STRUCT.findall(text))


# ---- clang


def builtins(store: Store) -> dict[str, object]:
    """By version of clang: the built-ins that no older one of ours has, without those of one processor."""
    named = {version: _strings(deb) for version, deb in _clangs(store)}
    table: dict[str, object] = {}
    known: set[str] = set()
    for version in sorted(named):
        new = {name for name in named[version] - known if not _PROCESSOR.search(name)}
        table[str(version)] = sorted(new)
        known |= new
    return table


def _clangs(store: Store) -> Iterator[tuple[int, Path]]:
    for number in range(11, 40):
        for package in (f"libclang-cpp{number}", f"libclang-cpp{number}t64"):
            if versions := store.versions(package):
                yield number, store.fetch(package, versions[0])
                break


def _strings(deb: Path) -> set[str]:
    """The names of built-ins in a library of clang."""
    tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], capture_output=True, check=True).stdout
    pattern = rb"(?<![\w])(__(?:builtin|sync|c11|scoped|atomic)_[a-z0-9_]+)\0"
    return {name.decode() for name in re.findall(pattern, tar)}


def _unpacked(store: Store, package: str, version: str) -> Path:
    target = store.folder / "headers" / f"{package}_{version.replace(':', '_')}"
    if not target.exists():
        unpack_deb(store.fetch(package, version), target)
    return target


if __name__ == "__main__":
    sys.exit(main())
