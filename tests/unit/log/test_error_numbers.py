"""Every way in which loaders print an error number."""

from __future__ import annotations

import pytest

from bpfdoctor.log.wrappers.error_numbers import number, number_alone


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Permission denied", 13),
        ("permission denied", 13),
        ("-EACCES", 13),
        ("-13", 13),
        ("13", 13),
        ("Permission denied (13)!", 13),
        ("Invalid argument(-22)", 22),
        ("err=22", 22),
        ("Permission denied (os error 13)", 13),
        ("System error, errno: 22", 22),
        ("ERROR: strerror_r(524)=22", 524),
        ("Unknown error 524", 524),
        ("permission denied: (21 line(s) omitted)", 13),
        ("failed to find BTF for extern 'x': -2", 2),
        ("Argument list too long", 7),
        ("operation not permitted (MEMLOCK may be too low)", 1),
        ("elf: failed to open x.o: No such file or directory", 2),
        ("something else", None),
        ("", None),
        ("99999", None),
        ("-0", None),
    ],
)
def test_the_number_is_found(text: str, expected: int | None) -> None:
    assert number(text) == expected


def test_only_a_line_of_its_own_counts_for_a_line_of_its_own() -> None:
    assert number_alone("Permission denied.") == 13
    assert number_alone("Permission denied by the gods") is None
