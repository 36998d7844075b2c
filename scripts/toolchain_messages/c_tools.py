"""libbpf, bpftool and iproute2: C, read like the kernel is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.kernel_messages.csource import CSource
from scripts.kernel_messages.sinks import Sink, extract
from scripts.toolchain_messages.found import Found

# pr_warn and its kin are macros over libbpf_print and are found by themselves, prefix included.
_LIBBPF = {
    "libbpf_print": Sink(1),
    # fixup_verifier_log() puts these in the place of the verifier's own last line
    "patch_log": Sink(4),
    "snprintf": Sink(2),
}
_LEVELS = {
    "pr_warn": "error",
    "pr_warn_elf": "error",
    "pr_info": "info",
    "pr_debug": "debug",
    "__pr": "debug",
}
_BPFTOOL = {
    "p_err": Sink(0, before="Error: "),
    "p_info": Sink(0),
    "fprintf": Sink(1, stream="stderr"),
}
_IPROUTE2 = {"fprintf": Sink(1, stream="stderr"), "perror": Sink(0, after=": %s")}

# Of these files, only what stands between a refusing kernel and its user
_NETLINK = {
    "lib/libnetlink.c": ("rtnl_talk_error", "print_ext_ack_msg", "nl_dump_ext_ack", "nl_dump_ext_ack_done"),
    "tc/tc_filter.c": ("tc_filter_modify",),
}


def libbpf(version: str, folder: Path) -> Iterator[Found]:
    """Everything pr_warn() and pr_info() print, and what libbpf writes into the verifier's log."""
    for call in extract(_sources(folder), _LIBBPF).calls:
        if call.name == "snprintf" and not call.function.startswith("fixup_log"):
            continue
        kind = "error" if call.name in ("snprintf", "patch_log") else _LEVELS.get(call.name, "debug")
        if kind != "debug":
            yield Found("libbpf", version, call.format, call.source.name, kind, call.function)
    for file in sorted(folder.glob("*.h")):
        # _Pragma("GCC error \"Must specify a BPF target arch …\"")
        for text in re.findall(r'GCC error \\"([^"\\]+)\\"', file.read_text(encoding="utf-8")):
            yield Found("libbpf", version, f"error: {text}", file.name, "error", "header")


def bpftool(version: str, folder: Path) -> Iterator[Found]:
    """Everything p_err() and p_info() print, and what goes to stderr directly."""
    for call in extract(_sources(folder), _BPFTOOL).calls:
        if call.name == "fprintf" and not re.match(r"(?i)error|hint|warn", call.format):
            continue  # dumps and usage
        kind = "info" if call.name == "p_info" else "error"
        yield Found("bpftool", version, call.format, call.source.name, kind, call.function)


def iproute2(version: str, folder: Path) -> Iterator[Found]:
    """What `tc` and `ip` print when they load and attach programs. Usage texts are left out."""
    for call in extract(_sources(folder), _IPROUTE2).calls:
        usage = re.search(r"usage|explain|help", call.function) or call.format.startswith("Usage")
        everyday = call.source.name in _NETLINK and call.function not in _NETLINK[call.source.name]
        chatter = call.source.name == "tc/tc_filter.c" and not re.search("kernel|device", call.format)
        if usage or everyday or chatter or not re.search("[A-Za-z]{3}", call.format):
            continue
        yield Found("iproute2", version, call.format, call.source.name, "error", call.function)


def _sources(folder: Path) -> list[CSource]:
    files = sorted(folder.rglob("*.[ch]"))
    return [CSource(str(file.relative_to(folder)), file.read_bytes()) for file in files]
