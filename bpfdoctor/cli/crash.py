"""How a command ends that does not end well: one sentence and a status, never a traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

from bpfdoctor import __version__
from bpfdoctor.cli.rc import RC
from bpfdoctor.model.problem import Problem, bug

# What no program can help: no room, no memory, too many open files or processes.
_OF_THE_MACHINE = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.ENOMEM),
    *(errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.EIO),
)


def guarded(work: Callable[[], int]) -> int:
    """The status of `work`, whatever it raises."""
    try:
        return work()
    except SystemExit as end:  # typer ends so, with 0 or after a usage error, and so does a signal
        if isinstance(end.__context__, BrokenPipeError):
            return RC.OK  # the reader of a page of help has read enough
        return end.code if isinstance(end.code, int) else RC.FAILED
    except KeyboardInterrupt:
        return RC.INTERRUPTED
    except Exception as error:
        from bpfdoctor.cli.terminal import complain

        complain(error if isinstance(error, Problem) else as_problem(error))
        return RC.FAILED


def as_problem(error: Exception) -> Problem:
    """What to tell the user of an exception that nobody caught; the traceback is written when asked for."""
    if os.environ.get("BPFDOCTOR_DEBUG") == "1":
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    if isinstance(error, OSError) and (
        error.errno in _OF_THE_MACHINE or "No usable temporary directory" in str(error)
    ):
        return Problem(f"The machine does not let bpfdoctor continue: {error.strerror or error}.")
    if isinstance(error, MemoryError):
        return Problem("There is not enough memory for this.")
    return Problem(
        f"This is a bug in bpfdoctor {__version__}: {bug(error)}. "
        "Please report it with the command you ran (BPFDOCTOR_DEBUG=1 shows more)."
    )
