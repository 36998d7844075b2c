"""A temporary folder is gone when its process is, whenever the signal comes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Python tells of these just before they are done.
MOMENTS = ("tempfile.mkdtemp", "shutil.rmtree", "os.remove", "os.rmdir")
PROGRAM = """
import os, pathlib, signal, sys
from bpfdoctor import forked, temporary
from bpfdoctor.cli.run import end_well_when_asked

def hook(event, arguments):
    if event == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGTERM)

def live(number):
    sys.addaudithook(hook)
    with temporary.Folder() as folder:
        for name in "abc":
            pathlib.Path(folder, name).write_text("")
    return "not ended"

end_well_when_asked()
[(_, found)] = forked.side_by_side(1, live, 1) if sys.argv[2:] else [(0, live(0))]
print(found)
"""


@pytest.mark.parametrize("where", [[], ["in a copy"]])
@pytest.mark.parametrize("moment", MOMENTS)
def test_no_signal_leaves_it(tmp_path: Path, moment: str, where: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, moment, *where],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "not ended" not in done.stdout and "Error" not in done.stderr, done
    assert done.returncode == (0 if where else 143)
    assert os.listdir(tmp_path) == []
