"""What `preflight --needs` says of kernels is what they do: with a feature missing a program is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from bpfdoctor.formats import btf
from bpfdoctor.kernel import features, helpers, types
from bpfdoctor.kernel.versions import numbers, series
from bpfdoctor.lab import kernels
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.pool import Lab
from bpfdoctor.lab.results import Loaded, Request
from bpfdoctor.model.report import Verdict
from bpfdoctor.preflight.needs import table
from bpfdoctor.preflight.needs.kernels import views
from bpfdoctor.preflight.needs.view import Has, KernelView

KERNELS = ("5.10.218", "6.1", "6.12", "7.3")


@pytest.fixture(scope="session")
def several() -> list[LabKernel]:
    return kernels.resolve(KERNELS, print)


@pytest.fixture(scope="session")
def known(several: Sequence[LabKernel]) -> list[KernelView]:
    return views(KERNELS)


def refused(data: bytes, known: Sequence[KernelView], programs: Sequence[str]) -> dict[str, set[str]]:
    """The programs that something is said to be missing for, by kernel."""
    rows = table.rows_of(data, known)
    assert not [row.use.name for row in rows if Has.UNKNOWN in row.has.values()]
    return {
        each.name: {
            name
            for row in rows
            for where in row.lacks.get(each.name, ())
            for name in ([where.of] if where.of in programs and row.is_of_one else programs)
        }
        for each in known
    }


@pytest.mark.parametrize("name", ["needs", "needs_kfunc"])
def test_programs_that_lack_something_are_refused_and_the_others_load(
    lab: Lab,
    compiled: Callable[[str], bytes],
    several: Sequence[LabKernel],
    known: Sequence[KernelView],
    name: str,
) -> None:
    data = compiled(name)
    loaded = {
        word: {
            str(entry.program.name): entry.verdict is Verdict.LOADS
            for entry in result.programs
            if isinstance(entry, Loaded)
        }
        for word, result in zip(KERNELS, lab.run(list(several), [Request(data)]), strict=True)
    }
    said = refused(data, known, list(loaded["7.3"]))
    assert said == {
        kernel: {one for one, loads in each.items() if not loads} for kernel, each in loaded.items()
    }
    assert said["5.10.218"] and said["7.3"] != said["5.10.218"]


def test_the_first_releases_are_those_that_kernels_show(known: Sequence[KernelView]) -> None:
    facts = [
        *(("bpf_attach_type", f"BPF_{name}", since) for name, since in features.ATTACH_TYPES.items()),
        *(
            ("bpf_map_type", f"BPF_MAP_TYPE_{each.name.upper()}", each.since)
            for each in types.maps().values()
        ),
        *(
            ("bpf_prog_type", f"BPF_PROG_TYPE_{name.upper()}", each.since)
            for name, each in types.programs().items()
        ),
        *(
            ("bpf_func_id", name.replace("bpf_", "BPF_FUNC_", 1), each.since)
            for name, each in helpers.every().items()
        ),
    ]
    for kernel in known:
        assert kernel.types is not None
        for enum, name, since in facts:
            (id,) = kernel.types.named(enum, btf.ENUM)
            there = name in kernel.types.enumerators(id)
            assert there == (numbers(since) <= series(kernel.name)), (kernel.name, name, since)
