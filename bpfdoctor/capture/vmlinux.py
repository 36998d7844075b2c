"""Makes vmlinux.h from the running kernel's BTF with bpftool, once per kernel."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Mapping
from pathlib import Path

from bpfdoctor import processes, resources
from bpfdoctor.capture.packages import install

_BTF = "/sys/kernel/btf/vmlinux"
_SBIN = ("/usr/sbin", "/sbin", "/usr/local/sbin")  # where bpftool lives, and where a user's PATH may not look


def cached() -> Path | None:
    """The folder with this kernel's vmlinux.h, when one was made before."""
    folder = _folder()
    return folder if folder and (folder / "vmlinux.h").is_file() else None


def generate(env: Mapping[str, str], scratch: str) -> tuple[Path | None, str | None]:
    """Make vmlinux.h; the folder it is in, else None and a sentence that says what is missing.

    It is kept in the cache; without one it goes into `scratch` and is made anew each time.
    """
    if not os.path.exists(_BTF):
        return None, (
            "There is no vmlinux.h on the include path, and this kernel has no BTF to make one from "
            f"({_BTF}, CONFIG_DEBUG_INFO_BTF). Make one on a machine that has, and name its folder with -I."
        )
    bpftool = shutil.which("bpftool", path=os.pathsep.join((env.get("PATH", os.defpath), *_SBIN)))
    if not bpftool:
        return None, (
            "There is no vmlinux.h on the include path, and bpftool, which could make one, is not installed. "
            + install("bpftool")
        )
    folder = _folder() or Path(scratch, "vmlinux")
    unfinished = folder / f"vmlinux.h.{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(unfinished, "wb") as output:
            command = [bpftool, "btf", "dump", "file", _BTF, "format", "c"]
            done = processes.run(command, 60, stdout=output)
            size = output.tell() or os.fstat(output.fileno()).st_size
        if done.returncode == 0 and size:
            unfinished.rename(folder / "vmlinux.h")
            return folder, None
        said = done.stderr.strip().splitlines()
        problem = said[-1][:300] if said else f"it ended with status {done.returncode}"
    except (OSError, processes.TimeoutExpired) as error:
        problem = str(error)
    unfinished.unlink(missing_ok=True)
    return None, f"There is no vmlinux.h on the include path, and {bpftool} could not make one: {problem}"


def _folder() -> Path | None:
    """Where this kernel's vmlinux.h is cached: its release is for people, a sum of its build id for us."""
    base = resources.cache_dir()
    if not base:
        return None
    try:
        build = zlib.crc32(Path("/sys/kernel/notes").read_bytes())
    except OSError:
        build = 0
    return base / "vmlinux" / f"{os.uname().release}-{build:08x}"
