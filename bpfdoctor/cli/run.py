"""Starts the command line cheaply; the console script and `python -m bpfdoctor` come here."""

from __future__ import annotations

import gc
import sys


def run() -> None:
    """Runs the command line and ends the process with one of RC."""
    # Start-up makes tens of thousands of objects that stay. Looking for garbage among them, then and at the
    # end, took a quarter of the CPU time of `bpfdoctor log`; what a run really leaves behind is still found.
    gc.set_threshold(100_000)

    from bpfdoctor.cli.main import main

    status = main(sys.argv[1:])
    gc.freeze()
    sys.exit(status)
