"""BPF objects in other bytes are found where all of them is there, and only there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.formats import embedded

SOURCE = """\
char filled[4096];
__attribute__((section("xdp"), used)) int f(void *ctx) { return filled[9]; }
"""


@pytest.fixture(scope="module", params=["bpfel", "bpfeb"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An object of either byte order, with a .bss that is larger than the file."""
    out = tmp_path_factory.mktemp("made") / "prog.o"
    command = ["clang", "-target", request.param, "-O2", "-g", "-c", "-x", "c", "-", "-o", str(out)]
    subprocess.run(command, input=SOURCE.encode(), check=True)
    return Path(out).read_bytes()


@given(before=st.binary(max_size=300), between=st.binary(max_size=300), after=st.binary(max_size=300))
def test_every_object_is_found_whatever_is_around_it(
    made: bytes, before: bytes, between: bytes, after: bytes
) -> None:
    assert list(embedded.objects(before + made + between + made + after)) == [made, made]


@given(data=st.data())
def test_one_that_was_cut_off_is_none(made: bytes, data: st.DataObject) -> None:
    assert not list(embedded.objects(made[: data.draw(st.integers(0, len(made) - 1))]))


def test_one_that_was_written_over_is_none(made: bytes) -> None:
    assert not list(embedded.objects(made[:64] + b"\xff" * (len(made) - 64)))
