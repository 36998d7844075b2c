"""Error numbers are Linux's: what Python has of them here, it has in a browser as well."""

from __future__ import annotations

import errno
import os

from bpfdoctor import linux_errno


def test_they_are_those_of_this_linux() -> None:
    here = {name: number for name in dir(errno) if name.startswith("E") for number in [getattr(errno, name)]}
    assert here.items() <= linux_errno.NUMBERS.items()
    assert all(linux_errno.strerror(number) == os.strerror(number) for number in (*errno.errorcode, 524))
    assert all(linux_errno.NUMBERS[name] == number for number, name in linux_errno.errorcode.items())
