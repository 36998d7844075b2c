"""Starts the command line cheaply; the console script and `python -m bpfdoctor` come here."""

from __future__ import annotations

# What `signal` wraps in enumerations, which cost a small log more than reading it.
import _signal  # type: ignore[import-not-found]
import gc
import os
import sys

from bpfdoctor import rights
from bpfdoctor.model.problem import Problem

COMPLETING = "_BPFDOCTOR_COMPLETE"  # what typer's scripts for shells set


def run() -> None:
    """Runs the command line and ends the process with one of RC."""
    # Start-up makes tens of thousands of objects that stay. Looking for garbage among them took a quarter of
    # the CPU time of `bpfdoctor log`; what a run really leaves behind is still found.
    gc.set_threshold(100_000)
    end_well_when_asked()
    open_what_is_closed()
    status = flushed(main(sys.argv[1:]))
    os._exit(status)  # nothing is left to be done, and taking all of it apart would cost half a bare Python


def open_what_is_closed() -> None:
    """A closed descriptor would be the next file's number, and what is meant for nobody would go into it."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY if number == 0 else os.O_WRONLY)  # the lowest number that is free
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def flushed(status: int) -> int:
    """`status`, unless there is no room for what is still to be written (a page of help)."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # or Python tries again, and complains
        if not isinstance(error, BrokenPipeError):
            from bpfdoctor.cli.crash import as_problem
            from bpfdoctor.cli.terminal import complain

            complain(as_problem(error))
            status = 2
    try:
        sys.stderr.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    return status


def end_well_when_asked() -> None:
    """Ctrl-C, SIGTERM and SIGHUP unwind the stack, so that children end and temporary folders go.

    A signal that whoever started us wants ignored (nohup) stays ignored.
    """
    asking = (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP)

    def unwind(number: int, _: object) -> None:
        for each in asking:  # a second one must not interrupt that, nor be complained of by Python (SIG_IGN)
            _signal.signal(each, lambda *_: None)
        raise SystemExit(128 + number)

    for each in asking:
        if _signal.getsignal(each) != _signal.SIG_IGN:
            _signal.signal(each, unwind)


def main(given: list[str]) -> int:
    """The exit status of the command line `given`; never an exception."""
    from bpfdoctor.cli.crash import guarded

    given = arguments(given, piped=sys.stdin is not None and not sys.stdin.isatty())

    def work() -> int:
        rights.become_caller()
        return _dispatched(unambiguous(given))

    return guarded(work)


def arguments(given: list[str], piped: bool) -> list[str]:
    """What the user meant: a bare pipe (with options or without) is `log`."""
    own = ("-h", "--help", "-V", "--version", "--install-completion", "--show-completion")
    if COMPLETING in os.environ:  # a shell asks, and has said in the environment what is typed
        return []
    if piped and (not given or (given[0].startswith("-") and given[0] not in own)):
        return ["log", *given]
    return given


def unambiguous(given: list[str]) -> list[str]:
    """`given` again. Raises Problem for a word that may be an option, and may be a file that `*` named.

    Whoever sends a pull request chooses the names of its files. `--` says where the paths begin.
    """
    if "--" not in given:
        for word in given:
            if word.startswith("-") and word != "-" and os.path.lexists(word):
                raise Problem(
                    f"{word} is an option, but also the name of a file here.",
                    "Put -- before the paths: bpfdoctor check [OPTIONS] -- *.bpf.c",
                    f"Or name the file ./{word}",
                )
    return given


def _dispatched(given: list[str]) -> int:
    """Most logs and programs come without any option; then there is nothing to parse, and typer's price,
    two bare Pythons, is saved.
    """
    command, *files = given or [""]
    if given and all(file == "-" or not file.startswith("-") for file in files) and not _configured(command):
        if command == "log":
            from bpfdoctor.cli.output_options import OutputOptions
            from bpfdoctor.cli.reading import read_logs

            return read_logs(files or ["-"], OutputOptions())
        if command == "check" and files and "BPFDOCTOR_EXPERIMENTS" not in os.environ:
            from bpfdoctor.cli import checking

            return checking.check_plainly(files)

    from bpfdoctor.cli.main import command_line

    return command_line(given)


def _configured(command: str) -> bool:
    if command not in ("check", "log"):
        return False
    from bpfdoctor.cli import config_path

    return config_path.found() is not None
