"""`python -m scripts.loaders`: stores what loaders say of programs used wrongly, and clang of its flags.

corpus/loaders/RULE/CASE has a program, the commands as somebody types them, and said.txt: all that the last
of them prints. They run as root, with mounts and network of their own; pages show all three. Where the last
is clang itself, its flags or the headers are what the case is about: the program is not compiled before.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from bpfdoctor.catalogue.page import SAID, sessions_folder
from bpfdoctor.resources import folder

CLANG = ("clang", "-target", "bpf", "-g", "-O2", "-I/usr/include/x86_64-linux-gnu", "-c")
MOUNTS = "mount -t bpf bpf /sys/fs/bpf; mount -t tracefs nodev /sys/kernel/tracing 2>/dev/null\n"
HINT = ("Warning: bpftool is now running in libbpf strict mode", "If it used to work for this object file")


def said(case: Path) -> str:
    """What the last of the case's commands prints. Raises CalledProcessError where one before it fails."""
    with tempfile.TemporaryDirectory() as scratch:
        *before, last = (case / "commands.sh").read_text().splitlines()
        if last.startswith("clang "):
            Path(scratch, "prog.bpf.c").write_bytes((case / "prog.bpf.c").read_bytes())
        else:
            subprocess.run([*CLANG, case / "prog.bpf.c", "-o", f"{scratch}/prog.bpf.o"], check=True)
        Path(scratch, "attach.py").write_bytes((folder("corpus") / "loaders" / "attach.py").read_bytes())
        text = MOUNTS + "".join(f"{line} 2>/dev/null || exit 9\n" for line in before) + f"{last} 2>&1\n"
        run = ["unshare", "-mn", "sh", "-c", text]
        done = subprocess.run(run, check=False, cwd=scratch, capture_output=True, text=True, timeout=60)
        if done.returncode in (0, 9):
            raise subprocess.CalledProcessError(done.returncode, text)
    lines = (line for line in done.stdout.splitlines() if line and not line.startswith(HINT))
    return "".join(f"{line}\n" for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m scripts.loaders", description=__doc__)
    parser.add_argument("case", nargs="*", help="RULE/CASE; none: all of them")
    asked = [sessions_folder() / each / "commands.sh" for each in parser.parse_args().case]
    for commands in asked or sorted(sessions_folder().glob("*/*/commands.sh")):
        (commands.parent / SAID).write_text(said(commands.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
