"""Runs a BCC tool with stand-ins for BPF and USDT: they record what it would load and attach, and do neither.

It runs under the distribution's Python, which has bcc, in namespaces of its own (tool_run.py), and imports
nothing of ours. Every file system is made read-only first; /run, with its sockets, is hidden.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import struct
import sys
import time
import traceback
from functools import cache
from typing import Any
from unittest.mock import MagicMock

_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE = 442, -100, 0x8000  # linux/mount.h; since 5.12
_RDONLY, _NOSUID, _NODEV = 1, 2, 4
_REC, _PRIVATE = 0x4000, 1 << 18
_SCRATCH = "/dev/shm"  # noqa: S108 - a new tmpfs
_MEMORY = 2 << 30
_MOST = 2_000  # records
_BLOCKING = (
    "perf_buffer_poll", "perf_buffer_consume", "ring_buffer_poll", "ring_buffer_consume", "kprobe_poll",
    "trace_fields", "trace_readline", "trace_print", "trace_open",
)  # fmt: skip


class _Done(BaseException):
    """The tool has attached what it attaches, and begins to wait for events."""


class _Record:
    """Lines of JSON for the parent."""

    def __init__(self, descriptor: int, path: str) -> None:
        self._out = os.fdopen(descriptor, "w")
        self._path = path
        self._left = _MOST

    def say(self, event: str, **fields: Any) -> None:
        self._left -= 1
        if self._left < 0:
            raise _Done
        self._out.write(json.dumps({"event": event, "line": self._line(), **fields}) + "\n")
        self._out.flush()

    def _line(self) -> int:
        """Where the tool is: its innermost frame."""
        frame: Any = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename != self._path:
            frame = frame.f_back
        return frame.f_lineno if frame is not None else 0


def _plain(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8", "replace")
    if isinstance(value, (str, int, float, type(None))):
        return value
    if isinstance(value, _Function):
        return _plain(value.name)
    return getattr(value, "value", None) if isinstance(getattr(value, "value", None), int) else str(value)


def _given(parameters: list[str], given: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _plain(value) for key, value in {**dict(zip(parameters, given, strict=False)), **named}.items()
    }


class _Function:
    """What load_func gives."""

    def __init__(self, name: Any) -> None:
        self.name, self.fd = name, -1


def _stand_ins(bcc: Any, record: _Record, methods: dict[str, list[str]]) -> tuple[Any, Any]:
    """BPF and USDT, with the constants and questions of the real ones."""

    class Bpf(bcc.BPF):  # type: ignore[misc]
        def __init__(
            self,
            src_file: Any = b"",
            hdr_file: Any = b"",
            text: Any = None,
            *_: Any,
            cflags: Any = (),
            **__: Any,
        ) -> None:
            if src_file and text is None:
                with open(bcc.BPF._find_file(src_file), "rb") as file:
                    text = file.read()
            record.say("bpf", text=_plain(text or ""), cflags=[_plain(flag) for flag in cflags])
            self._open = 0
            self.tables = MagicMock()
            self.module = None

        def __del__(self) -> None:
            pass

        def __getitem__(self, name: Any) -> Any:
            return MagicMock()

        def __getattr__(self, name: str) -> Any:
            if name.startswith("__"):
                raise AttributeError(name)
            return MagicMock()

        get_table = __getitem__

        def load_func(self, func_name: Any, *_: Any, **__: Any) -> _Function:
            return _Function(func_name)

        def load_funcs(self, *_: Any, **__: Any) -> list[_Function]:
            return []

        @staticmethod
        def ksymname(name: Any) -> int:
            return 1 if _plain(name) in _kernel_functions() else -1  # the addresses are not shown here

        @staticmethod
        def get_kprobe_functions(event_re: Any) -> list[bytes]:
            wanted = re.compile(_plain(event_re))
            return sorted(name.encode() for name in _kernel_functions() if wanted.fullmatch(name))

        def num_open_kprobes(self) -> int:
            return self._open

        num_open_uprobes = num_open_tracepoints = num_open_kprobes

        def cleanup(self) -> None:
            pass

        close = cleanup

        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    class Usdt:
        def __init__(self, pid: Any = None, path: Any = None) -> None:
            self.pid, self.path = pid, path

        def get_text(self) -> str:
            return ""

        def get_probe_arg_ctype(self, *_: Any) -> str:
            return "u64"

        def enumerate_probes(self) -> Any:
            return bcc.usdt.USDT(pid=self.pid, path=self.path).enumerate_probes()

    def attaching(name: str, parameters: list[str]) -> Any:
        def method(self: Any, *given: Any, **named: Any) -> Any:
            values = _given(parameters, given, named)
            if isinstance(self, Usdt):
                values |= {"path": _plain(self.path), "pid": _plain(self.pid)}
            else:
                self._open += 1
            record.say("attach", method=name, values=values)
            return self

        return method

    def waiting(self: Any, *_: Any, **__: Any) -> None:
        raise _Done

    def static(name: str, parameters: list[str]) -> Any:
        def function(*given: Any, **named: Any) -> None:
            record.say("attach", method=name, values=_given(parameters, given, named))

        return staticmethod(function)

    for name, parameters in methods.items():
        owner = Usdt if name.startswith("enable_probe") else Bpf
        is_static = name in ("attach_xdp", "attach_raw_socket", "attach_func")
        setattr(owner, name, static(name, parameters) if is_static else attaching(name, parameters))
    for name in _BLOCKING:
        setattr(Bpf, name, waiting)
    for name in ("remove_xdp", "detach_func"):
        setattr(Bpf, name, staticmethod(lambda *_, **__: None))
    return Bpf, Usdt


@cache
def _kernel_functions() -> frozenset[str]:
    """The names that BCC asks /proc/kallsyms for."""
    with open("/proc/kallsyms") as file:
        return frozenset(parts[2] for line in file if len(parts := line.split()) > 2 and parts[1] in "tT")


def _seclude() -> None:
    """Make every file system read-only, and hide the sockets of services."""
    libc = ctypes.CDLL(None, use_errno=True)
    given = struct.pack("=QQQQ", _RDONLY | _NOSUID, 0, 0, 0)
    scratch = _SCRATCH.encode()
    failed = (
        libc.mount(None, b"/", None, _REC | _PRIVATE, None)
        or libc.syscall(_MOUNT_SETATTR, _AT_FDCWD, b"/", _AT_RECURSIVE, given, len(given))
        or libc.mount(b"tmpfs", b"/run", b"tmpfs", _NOSUID | _NODEV, b"size=1m")
        or libc.mount(b"tmpfs", scratch, b"tmpfs", _NOSUID | _NODEV, b"size=64m")
    )
    if failed:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    os.environ["TMPDIR"] = _SCRATCH
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS


def _sleep(seconds: float) -> None:
    if seconds > 0:
        raise _Done


def main() -> None:
    descriptor, seconds, methods, path, *arguments = sys.argv[1:]
    record = _Record(int(descriptor), path)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        _seclude()
    except OSError as error:
        record.say("not-secluded", why=str(error))
        return
    try:
        import bcc  # type: ignore[import-not-found]
    except ImportError as error:
        record.say("no-bcc", why=str(error))
        return
    with open(path, encoding="utf-8", errors="replace") as file:
        code = compile(file.read(), path, "exec")
    bcc.BPF, usdt = _stand_ins(bcc, record, json.loads(methods))
    bcc.USDT = usdt
    time.sleep = _sleep  # type: ignore[assignment]
    sys.argv = [path, *arguments]
    sys.path.insert(0, os.path.dirname(path))
    try:
        exec(code, {"__name__": "__main__", "__file__": path, "__builtins__": __builtins__})  # noqa: S102 - what it is for
        record.say("end", how="")
    except _Done:
        record.say("end", how="")
    except SystemExit as stop:
        record.say("end", how="" if stop.code in (None, 0) else f"it ended with {stop.code}")
    except BaseException as error:
        lines = [
            entry.lineno for entry in traceback.extract_tb(error.__traceback__) if entry.filename == path
        ]
        where = f" on line {lines[-1]}" if lines else ""
        record.say("end", how=f"{type(error).__name__}{where}: {error}"[:500])


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
