"""The members that are said to have been renamed are called so by Debian's kernels of both versions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bpfdoctor.formats.btf import STRUCT
from bpfdoctor.formats.kernel_types import KernelTypes
from bpfdoctor.formats.large_btf import LargeBtf
from bpfdoctor.kernel.renamed import rows
from bpfdoctor.kernel.versions import numbers, series
from bpfdoctor.lab import kernel_btf, kernels


def names(types: LargeBtf, id: int, deep: int = 3) -> Iterator[str]:
    """A structure's members, those of its anonymous parts among them."""
    for each in types.members(id):
        if each.name:
            yield each.name
        elif deep:
            yield from names(types, types.resolve(each.type), deep - 1)


@pytest.mark.parametrize("kernel", ["5.10.218", "6.1", "6.12", "7.3"])
def test_each_kernel_has_the_name_of_its_version(kernel: str) -> None:
    (lab_kernel,) = kernels.resolve([kernel], print)
    data = kernel_btf.read(lab_kernel)
    assert data is not None
    types = KernelTypes(data).whole
    for structure, members in rows().items():
        here = {name for id in types.named(structure, STRUCT) for name in names(types, id)}
        assert here, structure
        for row in members:
            old, new = row.old in here, row.new.partition(".")[0].partition("->")[0] in here
            if series(kernel) <= numbers(row.before):
                assert old, (structure, row)
            elif series(kernel) >= numbers(row.after):
                assert new and not old, (structure, row)
