"""What the loaders of docs/loaders print is explained (stored by scripts/try_loaders.sh)."""

from __future__ import annotations

import json
import sys

import pytest

from bpfdoctor import pipeline
from bpfdoctor.render import render
from tests.cli.command import ROOT, bpfdoctor

LOADERS = sorted(path.name for path in (ROOT / "docs/loaders").iterdir())
STORED = ROOT / "tests/cli/loaders"


@pytest.mark.parametrize("loader", LOADERS)
def test_the_whole_log_is_there_and_explained(loader: str) -> None:
    """cilium/ebpf, libbpf-rs and aya each print it in a way of their own."""
    (report,) = json.loads(render(pipeline.read_log(STORED / f"{loader}.log", ()), "json"))["reports"]
    (finding,) = report["findings"]
    assert finding["rule"] == "packet-bounds" and report["insns"] is not None  # its last line is there
    assert finding["location"]["file"].endswith("pkt.bpf.c") and finding["root_cause"]["location"]
    assert len((ROOT / "docs/loaders" / loader).read_text().splitlines()) <= 26


def test_it_is_explained_while_the_loader_runs() -> None:
    program = "import sys; sys.stderr.write(open(sys.argv[1]).read()); sys.exit(1)"
    done = bpfdoctor("run", "--", sys.executable, "-c", program, STORED / "main.go.log")
    assert done.status == 1 and "error[BD101] packet-bounds" in done.err
