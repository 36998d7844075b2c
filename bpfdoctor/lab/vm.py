"""One running guest: its process, its shared memory, its console, and the requests it answers."""

from __future__ import annotations

import json
import mmap
import os
import resource
import signal
import socket
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress

from bpfdoctor import processes
from bpfdoctor.lab import frames
from bpfdoctor.lab.frames import Answer, Fields, Reply, RequestKind
from bpfdoctor.lab.qemu import Qemu
from bpfdoctor.lab.scheduler import Task, Wait
from bpfdoctor.model.problem import Problem

_ADDRESS_SPACE = 4 << 30  # bytes a QEMU may map; a guest's own memory is a part of it
_MONITOR_SECONDS = 30
_CONSOLE_LIMIT = 256 << 10


class GuestLost(Exception):
    """The guest ended, or never answered. `console`: what it printed; `answers`: what it had said by then."""

    def __init__(self, why: str, console: str, answers: tuple[Reply, ...] = ()) -> None:
        super().__init__(why)
        self.why = why
        self.console = console
        self.answers = answers


class GuestPanicked(GuestLost):
    """The guest's kernel panicked."""


class GuestStuck(GuestLost):
    """The guest did not answer in time."""


class _Limit:
    """A time limit that a busy machine does not shorten: what a guest did not get to run does not count.

    Passed after `seconds`, if the guest ran for half of them; in any case after five times as long.
    """

    def __init__(self, pid: int, seconds: float) -> None:
        self._pid, self._seconds = pid, seconds
        self._started, self._ran = time.monotonic(), _cpu_seconds(pid)

    def passed(self) -> bool:
        waited = time.monotonic() - self._started
        if waited < self._seconds:
            return False
        ran = _cpu_seconds(self._pid) - self._ran
        return ran >= self._seconds / 2 or waited >= self._seconds * 5


def _cpu_seconds(pid: int) -> float:
    """How long a process has run so far."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Guest:
    """A QEMU process. Use `close`, or `with`; a guest never outlives the thread that started it."""

    def __init__(
        self, qemu: Qemu, ram: str, arguments: Sequence[str], *, private: bool, inherit: Iterable[int]
    ) -> None:
        self._sequence = (
            int.from_bytes(os.urandom(3), "little") << 7
        )  # an old guest's answers are not this one's
        self._lines = b""
        self._next_id = 0
        channel = os.memfd_create("bpfdoctor-channel")
        os.ftruncate(channel, frames.CHANNEL_SIZE)
        self._channel = mmap.mmap(channel, frames.CHANNEL_SIZE)
        self._console = os.memfd_create("bpfdoctor-console")
        self._bell, bell = socket.socketpair()
        self._monitor, monitor = socket.socketpair()
        self._bell.setblocking(False)
        self._monitor.setblocking(False)
        theirs = (channel, self._console, bell.fileno(), monitor.fileno())
        command = qemu.command(
            ram=ram,
            private=private,
            channel=channel,
            console=self._console,
            bell=bell.fileno(),
            monitor=monitor.fileno(),
        )
        self._errors = os.memfd_create("bpfdoctor-errors")
        try:
            self._process = processes.start(
                [*command, *arguments],
                stdin=processes.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                pass_fds=(*theirs, *inherit),
                process_group=0,  # Ctrl-C reaches us, and we end it
            )
        except OSError as error:
            raise Problem(f"QEMU could not be started: {error.strerror}.") from error
        finally:
            bell.close()
            monitor.close()
            os.close(channel)
        with suppress(ProcessLookupError, PermissionError):
            resource.prlimit(self._process.pid, resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))

    def __enter__(self) -> Guest:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the guest at once; what it holds is gone."""
        if self._console < 0:
            return
        self._process.kill()
        self._process.wait()
        self._bell.close()
        self._monitor.close()
        self._channel.close()
        os.close(self._console)
        os.close(self._errors)
        self._console = -1

    @property
    def pid(self) -> int:
        """QEMU's process id."""
        return self._process.pid

    def console(self) -> str:
        """What the guest's kernel printed; the last part of it when it is long."""
        size = os.fstat(self._console).st_size
        text = os.pread(self._console, _CONSOLE_LIMIT, max(0, size - _CONSOLE_LIMIT))
        return text.replace(b"\r", b"").decode("utf-8", "replace").strip()

    def hello(self, seconds: float) -> Task[Reply]:
        """Waits for the guest's first words after a cold boot."""
        found = yield from self._answers(0, Answer.HELLO, seconds)
        return found[-1]

    def ask(self, op: RequestKind, pairs: Fields, seconds: float) -> Task[tuple[Reply, ...]]:
        """Sends a request to a stopped guest and returns its answers; the guest is stopped again afterwards.

        Raises GuestStuck after `seconds` without a further answer, GuestLost when the guest ends.
        """
        self._sequence = (self._sequence + 1) & 0xFFFFFFFF or 1
        data = frames.request(op, self._sequence, frames.fields(pairs))
        if len(data) > frames.REQUEST_LIMIT:
            limit = frames.REQUEST_LIMIT >> 20
            raise Problem(
                f"The object is larger than the {limit} MiB that a guest takes.",
                "Strip its debug information, which no kernel needs; BTF stays: llvm-strip -g prog.o",
            )
        self._channel[frames.REQUEST_AT : frames.REQUEST_AT + len(data)] = data
        self._send("cont")
        found = yield from self._answers(self._sequence, Answer.DONE, seconds)
        self._send("stop")
        return found[:-1]

    def connect(self) -> Task[None]:
        """Opens the monitor, and asks that migration leaves out memory that lies in a shared file."""
        yield from self._line(time.monotonic() + _MONITOR_SECONDS)  # its greeting
        yield from self.execute("qmp_capabilities")
        wanted = [{"capability": name, "state": True} for name in ("x-ignore-shared", "events")]
        yield from self.execute("migrate-set-capabilities", capabilities=wanted)

    def migrate(self, command: str, uri: str) -> Task[None]:
        """Saves the machine's state (`migrate`) or takes it over (`migrate-incoming`)."""
        until = time.monotonic() + _MONITOR_SECONDS
        self._send(command, uri=uri)
        while True:
            message = yield from self._line(until)
            if "error" in message:
                raise GuestLost(str(message["error"]), self.console())
            if message.get("event") == "MIGRATION":
                status = message["data"]["status"]
                if status == "completed":
                    return
                if status == "failed":
                    raise GuestLost("its state could not be moved", self._complaint())

    def execute(self, command: str, **arguments: object) -> Task[object]:
        """Runs a monitor command and returns its answer."""
        number = self._send(command, **arguments)
        until = time.monotonic() + _MONITOR_SECONDS
        while True:
            message = yield from self._line(until)
            if message.get("id") == number:
                if "error" in message:
                    raise GuestLost(str(message["error"].get("desc")), self._complaint())
                return message["return"]

    def _send(self, command: str, **arguments: object) -> int:
        self._next_id += 1
        message = {"execute": command, "arguments": arguments, "id": self._next_id}
        with suppress(BrokenPipeError, ConnectionResetError):  # who waits for the answer will learn of it
            self._monitor.send(json.dumps(message).encode() + b"\n")
        return self._next_id

    def _line(self, until: float) -> Task[dict]:  # type: ignore[type-arg]
        """The monitor's next message."""
        while b"\n" not in self._lines:
            yield Wait((self._monitor.fileno(),), until)
            try:
                data = self._monitor.recv(1 << 16)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise GuestStuck("QEMU's monitor does not answer", self._complaint()) from None
                continue
            except ConnectionResetError:
                data = b""
            if not data:
                raise self._ended()
            self._lines += data
        line, self._lines = self._lines.split(b"\n", 1)
        message: dict[str, object] = json.loads(line)
        return message

    def _answers(self, sequence: int, last: Answer, seconds: float) -> Task[tuple[Reply, ...]]:
        found: list[Reply] = []
        at = frames.ANSWER_AT
        limit = _Limit(self._process.pid, seconds)
        while True:
            ended = self._rung()
            for frame in frames.answers(self._channel, sequence, at):
                found.append(frame)
                at, limit = frame.end, _Limit(self._process.pid, seconds)
            if found and found[-1].kind == last:
                return tuple(found)
            if ended:
                raise self._ended(tuple(found))
            if limit.passed():
                raise GuestStuck("it did not answer in time", self.console(), tuple(found))
            if sequence == 0 and "-- System halted" in self.console():
                raise GuestLost("it stopped while it was starting", self.console())
            yield Wait((self._bell.fileno(),), time.monotonic() + min(0.5, seconds))

    def _rung(self) -> bool:
        """Empties the bell; True when there is nobody left to ring it."""
        try:
            return self._bell.recv(4096) == b""
        except BlockingIOError:
            return False
        except ConnectionResetError:
            return True

    def _ended(self, answers: tuple[Reply, ...] = ()) -> GuestLost:
        """Why QEMU is gone."""
        try:
            status = self._process.wait(5)
        except processes.TimeoutExpired:
            status = 0
        if status < 0:
            name = signal.Signals(-status).name
            return GuestLost(f"QEMU was killed by {name}", self._complaint(), answers)
        if status > 0:
            return GuestLost("QEMU gave up", self._complaint(), answers)
        return GuestPanicked("its kernel panicked", self.console(), answers)

    def _complaint(self) -> str:
        """What QEMU printed, else what the guest did."""
        text = os.pread(self._errors, _CONSOLE_LIMIT, 0).decode("utf-8", "replace").strip()
        return text or self.console()
