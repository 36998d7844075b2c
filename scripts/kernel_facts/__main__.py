"""`python -m scripts.kernel_facts`: fetches the kernels, writes the record of facts and what we use of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from bpfdoctor.kernel.versions import numbers
from scripts.debian_packages import Store
from scripts.kernel_facts import data, record
from scripts.kernel_facts.extract import CAPABILITY, TYPES, UAPI, XDP, Facts, everything
from scripts.kernel_messages.kernels import Tree, trees

# Every file with a struct bpf_func_proto, a list of kfuncs or a list of types.
WANTED = (
    UAPI,
    TYPES,
    XDP,
    CAPABILITY,
    "kernel/bpf/*.c",
    "kernel/trace/bpf_trace.c",
    "kernel/cgroup/rstat.c",
    "kernel/sched/ext*.c",
    "net/*bpf*.c",
    "net/core/filter.c",
    "net/core/sock_map.c",
    "net/core/xdp.c",
    "net/ipv4/tcp_*.c",
    "mm/bpf*.c",
    "fs/*bpf*.c",
    "fs/verity/measure.c",
    "drivers/hid/bpf/*.c",
    "drivers/media/rc/bpf-lirc.c",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.kernel_facts", description=__doc__)
    parser.add_argument("--refresh", action="store_true", help="ask Debian for newer packages first")
    parser.add_argument("--check", action="store_true", help="fail if the files are not what the kernels say")
    parser.add_argument("--recorded", action="store_true", help="take the record as it is; fetch nothing")
    options = parser.parse_args()
    complaints: list[str] = []
    if options.recorded:
        recorded = record.load()
        wanted = data.everything(recorded, complaints)
    else:
        recorded = record.build(_read(trees(Store(), complaints, options.refresh, WANTED, "facts")))
        wanted = {record.path(): record.dump(recorded), **data.everything(recorded, complaints)}
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if options.check:
            print(f"{path} is out of date: run `make facts`")
        else:
            path.write_text(wanted[path])
            print(f"{path}: written")
    return 1 if complaints or (options.check and stale) else 0


def _read(found: list[Tree]) -> Iterator[tuple[str, str, dict[str, Facts]]]:
    """(version, package, facts) of each kernel, oldest first."""
    for tree in found:
        files = sorted(tree.folder.rglob("*.[ch]"))
        texts = ((str(path.relative_to(tree.folder)), path.read_text(errors="replace")) for path in files)
        version = ".".join(map(str, numbers(tree.version)))
        yield version, f"{tree.package} {tree.version}", everything(texts)


if __name__ == "__main__":
    sys.exit(main())
