"""Runs bpfdoctor's own children, which load programs, with limits on time and memory and a file for logs."""

from __future__ import annotations

import ast
import marshal
import mmap
import os
import select
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from bpfdoctor import processes
from bpfdoctor.capture._limits import LOG_CAP
from bpfdoctor.capture.endless import LOOK_SECONDS
from bpfdoctor.model.report import Buffer, CaptureOptions

_PACKAGE_PARENT = str(Path(__file__).parent.parent.parent)
# libbcc ends the process with status 1 when LLVM gives up: a failure of our own must not look like that.
_START = """
import os, sys
sys.path.insert(0, {parent!r})
try:
    from bpfdoctor.capture.{module} import main
    main()
except BaseException:
    sys.excepthook(*sys.exc_info())
    os._exit(70)
"""
_KEEP_IN_MEMORY = 8 << 20  # bytes; longer logs stay in their file
_LONGEST_MESSAGE = 16 << 20  # bytes

#: What reading a message raises when the child sent no sense: a hostile object may have damaged its memory.
NONSENSE = (ValueError, SyntaxError, TypeError, LookupError, OSError, RecursionError, MemoryError)


class Stopped(Exception):
    """The child said nothing for as long as it was given."""


def environment(options: CaptureOptions) -> Mapping[str, str]:
    """What children see: the environment the caller handed over, else this process's own."""
    return options.environment or os.environ


class Child:
    """One running child. It gets a request and a payload, and answers with messages (dicts).

    Long texts do not travel in messages: the child writes them into a file that both share, and says where.
    """

    def __init__(
        self,
        module: str,
        request: dict[str, Any],
        payload: bytes,
        env: Mapping[str, str],
        memory_mib: int,
        *,
        with_rights: bool,
    ) -> None:
        self._log = tempfile.TemporaryFile(prefix="bpfdoctor-")  # noqa: SIM115 - lives as long as the child
        self._stderr = tempfile.TemporaryFile(prefix="bpfdoctor-")  # noqa: SIM115
        self._pending = b""
        with tempfile.TemporaryFile(prefix="bpfdoctor-") as stdin:
            marshal.dump(request | {"log_fd": self._log.fileno(), "parent": os.getpid()}, stdin)
            stdin.write(payload)
            stdin.seek(0)
            flags = ["-I", "-S"] + (["-B"] if sys.dont_write_bytecode else [])
            self._process = processes.start_own(
                [sys.executable, *flags, "-c", _START.format(parent=_PACKAGE_PARENT, module=module)],
                with_rights=with_rights,
                stdin=stdin,
                stdout=processes.PIPE,
                stderr=self._stderr,
                pass_fds=[self._log.fileno()],
                env=dict(env),
                start_new_session=True,
            )
        processes.limit(self._process.pid, memory_mib + (LOG_CAP >> 20))

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.stdout:
            self._process.stdout.close()
        processes.kill(self._process)
        self._log.close()
        self._stderr.close()

    def message(self, seconds: float, look: Callable[[int], None] | None = None) -> dict[str, Any] | None:
        """The child's next message, None at its end. `look` is called with its number now and then meanwhile.

        Raises Stopped when it takes longer than `seconds`, one of NONSENSE when it is no message.
        """
        assert self._process.stdout
        pipe = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(pipe, select.POLLIN | select.POLLHUP)
        deadline = time.monotonic() + seconds
        while b"\n" not in self._pending:
            left = max(0.0, deadline - time.monotonic())
            if not poll.poll(min(left, LOOK_SECONDS) * 1000 if look else left * 1000):
                if not left or look is None:
                    raise Stopped
                look(self._process.pid)
                continue
            part = os.read(pipe, 1 << 16)
            if not part:
                return None
            self._pending += part
            if len(self._pending) > _LONGEST_MESSAGE:
                raise ValueError("a message without an end")
        line, _, self._pending = self._pending.partition(b"\n")
        answer: dict[str, Any] = ast.literal_eval(line.decode())
        return answer

    def end(self) -> int:
        """Wait for a child that has closed its pipe; its exit status, negative for a signal."""
        processes.ended(self._process, 10)
        return processes.kill(self._process)

    def text(self, where: list[int]) -> Buffer:
        """A text the child stored: bytes, or a map of the file when it is long."""
        offset, length = where
        if length <= _KEEP_IN_MEMORY:
            return os.pread(self._log.fileno(), length, offset)
        return mmap.mmap(self._log.fileno(), length, access=mmap.ACCESS_READ, offset=offset)

    def stderr(self, most: int = 16 << 20) -> bytes:
        """What the child printed on descriptor 2 so far; the first `most` bytes of it."""
        return os.pread(self._stderr.fileno(), most, 0)
