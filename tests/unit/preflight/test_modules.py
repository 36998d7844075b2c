"""fentry of a module's function: its type is in the module's own BTF, where there is one."""

from __future__ import annotations

from struct import pack

import pytest

from bpfdoctor.formats.kallsyms import Symbols
from bpfdoctor.formats.kernel_types import KernelTypes
from bpfdoctor.model.preflight import Cause
from bpfdoctor.preflight import checks
from bpfdoctor.preflight.sections import of_section
from bpfdoctor.preflight.system.host import Host

NAMES = b"\0sell\0"  # of the kernel's own BTF


class WithModule(Host):
    """This machine, with a module, as /proc/kallsyms and available_filter_functions show one."""

    lockdown = "none"
    symbols = Symbols(b"ffffffffc0000000 t shop_sell\t[shop]\nffffffffc0000010 t sell\t[shop]\n")
    traceable = frozenset({"shop_sell", "sell"})
    types = KernelTypes(pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, 0, 0, len(NAMES)) + NAMES)

    def __init__(self, *typed: str) -> None:
        super().__init__()
        self._typed = typed

    def config(self, option: str) -> str:
        return "y"

    def in_modules(self, name: str) -> bool:
        return name in self._typed


@pytest.mark.parametrize("section", ["fentry/shop_sell", "fexit/shop:shop_sell"])
@pytest.mark.parametrize(("typed", "rules"), [(("shop_sell",), []), ((), ["function-without-type"])])
def test_the_type_of_a_modules_function(section: str, typed: tuple[str, ...], rules: list[str]) -> None:
    found = checks.look(of_section("f", section), WithModule(*typed))
    assert [each.rule for each in found if isinstance(each, Cause)] == rules


def test_a_name_that_the_kernel_has_as_well_is_not_repeated_by_a_module() -> None:
    assert not [
        each for each in checks.look(of_section("f", "fentry/sell"), WithModule()) if isinstance(each, Cause)
    ]
