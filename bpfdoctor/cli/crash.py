"""How a command ends that does not end well: one sentence and a status, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from bpfdoctor import __version__
from bpfdoctor.cli.rc import RC
from bpfdoctor.model.problem import Problem


def guarded(work: Callable[[], int]) -> int:
    """The status of `work`, whatever it raises."""
    try:
        return work()
    except SystemExit as end:  # typer ends so, with 0 or after a usage error, and so does a signal
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
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = ""
    if where is not None:
        file = Path(where.tb_frame.f_code.co_filename)
        place = f" in {file.parent.name}/{file.name}:{where.tb_lineno}"
    return Problem(
        f"This is a bug in bpfdoctor {__version__}: {type(error).__name__}{place}. "
        "Please report it with the command you ran (BPFDOCTOR_DEBUG=1 shows more)."
    )
