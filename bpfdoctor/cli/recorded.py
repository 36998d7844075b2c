"""A command that runs as if nobody looked on, while what it prints is kept."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence

from bpfdoctor.cli import terminal
from bpfdoctor.cli.answer import answer
from bpfdoctor.cli.output_options import OutputOptions
from bpfdoctor.model.diagnosis import Report
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.record import replace
from bpfdoctor.model.report import Verdict

MOST = 256 << 20  # bytes that are kept; a loader that stays and prints is no reason to fill the disk
_ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class NotStarted(Problem):
    """There is no such command, or it is none. `status` is what a shell would end with."""

    def __init__(self, name: str, error: OSError) -> None:
        super().__init__(f"{name} cannot be started: {(error.strerror or str(error)).lower()}.")
        self.status = 127 if isinstance(error, FileNotFoundError) else 126


class Recording:
    """What was printed, in the order it came, in a file without a name."""

    def __init__(self, most: int = MOST) -> None:
        self._file = tempfile.TemporaryFile(prefix="bpfdoctor-")  # noqa: SIM115 - closed by __exit__
        self._left = most
        self.whole = True  # whether all of it was kept

    def __enter__(self) -> Recording:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def path(self) -> str:
        return f"/proc/self/fd/{self._file.fileno()}"

    def add(self, data: bytes) -> None:
        """Keeps `data`, or as much of it as there is room for."""
        kept = data[: self._left]
        self.whole = self.whole and len(kept) == len(data)
        self._left -= len(kept)
        with contextlib.suppress(OSError):  # a full disk ends the recording, not the command
            self._file.write(kept)
            self._file.flush()


def run(command: Sequence[str], recording: Recording) -> int:
    """The exit status of the command, 128 + N for signal N. What it prints goes on at once.

    Raises NotStarted.
    """
    with contextlib.ExitStack() as stack:
        out, err = (stack.enter_context(_channel(stream)) for stream in (1, 2))
        handlers = [(each, signal.signal(each, signal.SIG_IGN)) for each in _ASKING]
        try:
            child = _started(command, out[1], err[1])
        except OSError as error:
            raise NotStarted(command[0], error) from None
        finally:
            for stream in (out[1], err[1]):
                os.close(stream)
        try:
            # Ctrl-C reaches the command as well, and means what it makes of it.
            for each in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(each, lambda number, _: child.send_signal(number))
            _pass_on(child, {out[0]: 1, err[0]: 2}, recording)
            status = child.wait()
        finally:
            for each, before in handlers:
                signal.signal(each, before)
    return 128 - status if status < 0 else status


def _started(command: Sequence[str], out: int, err: int) -> subprocess.Popen[bytes]:
    def as_usual() -> None:
        for each in _ASKING:
            signal.signal(each, signal.SIG_DFL)

    return subprocess.Popen(command, stdout=out, stderr=err, preexec_fn=as_usual)  # noqa: PLW1509


@contextlib.contextmanager
def _channel(stream: int) -> Iterator[tuple[int, int]]:
    """(where we read, what the command writes to): a terminal where ours is one, or it would not line-buffer.

    The second is closed by whoever hands it over.
    """
    if not os.isatty(stream):
        reading, writing = os.pipe()
    else:
        import pty
        import termios

        reading, writing = pty.openpty()
        modes = termios.tcgetattr(writing)
        modes[1] &= ~termios.OPOST  # our terminal turns line feeds
        termios.tcsetattr(writing, termios.TCSANOW, modes)
        termios.tcsetwinsize(writing, termios.tcgetwinsize(stream))
    try:
        yield reading, writing
    finally:
        with contextlib.suppress(OSError):
            os.close(reading)


def _pass_on(child: subprocess.Popen[bytes], channels: dict[int, int], recording: Recording) -> None:
    """Copies until both channels or the command have ended; what it started may live on, and hold them."""
    with selectors.DefaultSelector() as waiting:
        for reading in channels:
            os.set_blocking(reading, False)
            waiting.register(reading, selectors.EVENT_READ)
        ended = os.pidfd_open(child.pid)
        waiting.register(ended, selectors.EVENT_READ)
        try:
            while len(waiting.get_map()) > 1:
                ready = [key.fd for key, _ in waiting.select()]
                for reading in ready:
                    if reading != ended and not _copied(reading, channels[reading], recording):
                        waiting.unregister(reading)
                if ready == [ended]:  # nothing more to read
                    return
        finally:
            os.close(ended)


def _copied(reading: int, to: int, recording: Recording) -> bool:
    """Whether there may be more."""
    try:
        data = os.read(reading, 1 << 16)
    except BlockingIOError:
        return True
    except OSError:  # EIO: the last one has closed the terminal
        return False
    recording.add(data)
    left = memoryview(data)
    try:
        while left:
            left = left[os.write(to, left) :]
    except OSError:
        os.close(reading)  # nobody reads us, and so nobody reads the command: it gets SIGPIPE
        return False
    return bool(data)


def explain(
    command: Sequence[str], status: int, recording: Recording, output: OutputOptions, programs: Sequence[str]
) -> None:
    """Writes what is found in the recording. A command that failed and said nothing known is told so."""
    from bpfdoctor import pipeline

    def examine(source: str) -> list[Report]:
        told = pipeline.read_log(recording.path, programs, stepped=output.steps)
        return [replace(report, source=source) for report in told]

    if not recording.whole:
        terminal.say(f"Only the first {MOST >> 20} MB of what it printed were kept.")
    name = os.path.basename(command[0])
    try:
        told = examine(name)
    except Problem as problem:
        told = []
        if status and programs:
            terminal.complain(problem)
    if any(report.diagnoses or report.verdict is Verdict.REFUSED for report in told):
        answer([name], lambda _: told, output)
    elif status:
        terminal.say(f"{name} {_ended(status)}, and bpfdoctor knows nothing of what it printed.")
    sys.stdout.flush()


def _ended(status: int) -> str:
    """`ended with 3`, `was ended by SIGKILL`."""
    try:
        return f"was ended by {signal.Signals(status - 128).name}"
    except ValueError:
        return f"ended with {status}"
