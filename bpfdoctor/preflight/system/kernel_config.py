"""A kernel's configuration: the options that are set."""

from __future__ import annotations

_PREFIX = "CONFIG_"


def read(text: bytes) -> dict[str, str]:
    """Option without CONFIG_ -> y, m or a value. What is not in it is not set."""
    found = {}
    for line in text.decode("utf-8", "replace").splitlines():
        name, is_set, value = line.partition("=")
        if is_set and name.startswith(_PREFIX):
            found[name.removeprefix(_PREFIX)] = value.strip('"')
    return found
