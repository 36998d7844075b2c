"""What an answer depends on beside files that are named: bpfdoctor, the kernel, rights, tools, environment.

All of it in one short text: where it changes, nothing that was stored is used.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress

from bpfdoctor import __version__, cached, looked_at, resources, rights
from bpfdoctor.model.report import CaptureOptions

#: Of a terminal, a login or a CI job: no compiler, loader or kernel looks at it.
_IDLE = re.compile(
    r"(?:PWD|OLDPWD|SHLVL|_|TERM(?:_.*|INFO)?|COLORTERM|COLUMNS|LINES|LS_COLORS|NO_COLOR|FORCE_COLOR|WINDOWID|TTY"
    r"|SSH_.*|XDG_SESSION.*|XDG_SEAT|XDG_VTNR|DBUS_.*|DISPLAY|WAYLAND_.*|TMUX.*|STY|INVOCATION_ID|JOURNAL_STREAM"
    r"|SYSTEMD_.*|GITHUB_.*|RUNNER_.*|ACTIONS_.*|CI_.*|PYTEST_.*|HISTFILE|MAIL|EDITOR|PAGER|LESS.*|SUDO_COMMAND)"
)
_FILES = (
    *("/proc/sys/kernel/random/boot_id", "/proc/version", "/proc/cmdline", "/proc/sys/kernel/tainted"),
    *("/proc/sys/kernel/unprivileged_bpf_disabled", "/proc/sys/kernel/perf_event_paranoid"),
    *("/proc/sys/kernel/kptr_restrict", "/proc/sys/kernel/sched_schedstats"),
    *("/proc/sys/kernel/ftrace_enabled", "/proc/sys/debug/kprobes-optimization"),
    *("/proc/sys/kernel/bpf_stats_enabled", "/proc/sys/net/core/bpf_jit_enable"),
    *("/proc/sys/net/core/bpf_jit_harden", "/proc/sys/net/core/bpf_jit_kallsyms"),
    *("/sys/kernel/security/lockdown", "/sys/kernel/security/lsm", "/sys/kernel/debug/kprobes/enabled"),
    *("/sys/kernel/tracing/kprobe_events", "/sys/kernel/tracing/uprobe_events"),
)  # fmt: skip
_KINDS = (".py", ".md", ".toml", ".lark", ".json", ".j2", ".txt", ".tsv", ".so", ".c")
_RIGHTS = re.compile(r"^(?:Uid|Gid|Groups|CapPrm|CapBnd|CapInh|CapAmb|NoNewPrivs|Seccomp\w*):.*$", re.M)
_MOUNTS = re.compile(
    r"^\S+ \S+ \S+ (\S+ \S+) .*- (?:bpf|tracefs|debugfs|securityfs|cgroup2?|sysfs|proc) .*$", re.M
)


def key_of(options: CaptureOptions, more: str) -> str:
    """A name for all of it. `options` are those of a file, `more` what else the answer was asked with."""
    environment = options.environment or os.environ
    return cached.key(*_of_this_run(environment), repr(_without_environment(options)), more)


def _without_environment(options: CaptureOptions) -> CaptureOptions:
    from bpfdoctor.model.record import replace

    return replace(options, environment={})


_known: list[tuple[Mapping[str, str], tuple[str, ...]]] = []  # of each environment that was asked with


def _of_this_run(environment: Mapping[str, str]) -> tuple[str, ...]:
    for known, told in _known:
        if known is environment:
            return told
    _known.append((environment, tuple(_looked_up(environment))))
    return _known[-1][1]


def _looked_up(environment: Mapping[str, str]) -> Iterator[str]:
    yield f"{__version__} {sorted(_own_files())}"
    yield os.getcwd()
    yield " ".join(os.uname())
    yield from (_text(path) for path in _FILES)
    yield "\n".join(_modules(_text("/proc/modules")))
    yield "\n".join(_RIGHTS.findall(_text("/proc/self/status")))
    yield "\n".join(_MOUNTS.findall(_text("/proc/self/mountinfo")))
    yield f"{sorted(rights.permitted())} {rights.as_whom()} {os.geteuid()}"
    yield " ".join(_link(f"/proc/self/ns/{name}") for name in ("user", "mnt", "net", "cgroup", "pid"))
    yield _text("/proc/self/limits")
    yield repr(sorted(item for item in environment.items() if not _IDLE.fullmatch(item[0])))
    yield from _tools(environment)


def _own_files() -> Iterator[tuple[str, int, int]]:
    """Our code and rules: (name, bytes, when it was changed)."""
    waiting = list(looked_at.OURS)
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name != "__pycache__":
                        waiting.append(entry.path)
                elif entry.name.endswith(_KINDS):
                    about = entry.stat()
                    yield entry.path, about.st_size, about.st_mtime_ns


def _modules(text: str) -> Iterator[str]:
    """Each module, without who uses it: name, size, state and address."""
    for line in text.splitlines():
        words = line.split()
        yield " ".join((*words[:2], *words[4:6]))


def _tools(environment: Mapping[str, str]) -> Iterator[str]:
    """Compilers, libraries and the lab's kernels, as they are now."""
    folders = [each for each in environment.get("PATH", os.defpath).split(os.pathsep) if each]
    names = {environment.get("CLANG") or "clang", "clang", "bpftool", "llvm-objcopy", "python3", "setpriv"}
    for folder in folders:
        with suppress(OSError), os.scandir(folder) as entries:
            names |= {entry.name for entry in entries if re.fullmatch(r"clang-\d{1,3}", entry.name)}
    for name in sorted(names):
        found = shutil.which(name, path=os.pathsep.join(folders))
        yield _about(found) if found else f"no {name}"  # "" would be the folder that we are in
    for path in ("/etc/ld.so.cache", *_libbpf()):
        yield _about(path)
    if (cache := resources.cache_dir()) is not None:
        for path in ("lab/kernels", "lab/snapshots", "lab/built", "lab/libbpf"):
            yield repr(sorted(_names(str(cache / path))))


def _libbpf() -> Iterator[str]:
    from bpfdoctor import regular_file
    from bpfdoctor.formats import ld_cache

    with suppress(OSError):
        known = ld_cache.entries(regular_file.read("/etc/ld.so.cache", 64 << 20))
        yield from (path for name, path in known if name.startswith(("libbpf.so", "libbcc.so", "libLLVM")))


def _names(path: str) -> list[str]:
    with suppress(OSError):
        return os.listdir(path)
    return []


def _about(path: str) -> str:
    with suppress(OSError):
        real = os.path.realpath(path)
        about = os.stat(real)
        return f"{real} {about.st_size} {about.st_mtime_ns} {about.st_ino}"
    return path


def _text(path: str) -> str:
    """One of the kernel's own files; "" where it is not there, or may not be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _link(path: str) -> str:
    with suppress(OSError):
        return os.readlink(path)
    return ""
