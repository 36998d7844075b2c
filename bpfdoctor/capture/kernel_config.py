"""The configuration that the running kernel carries."""

from __future__ import annotations

import gzip
import zlib

_FILE = "/proc/config.gz"  # with CONFIG_IKCONFIG_PROC, for everybody


def carried() -> bytes | None:
    """Its text; None where it carries none."""
    try:
        with open(_FILE, "rb") as file:
            return gzip.decompress(file.read())
    except (OSError, EOFError, zlib.error):
        return None
