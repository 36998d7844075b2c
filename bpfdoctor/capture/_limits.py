"""A number that children and parent must agree on."""

from __future__ import annotations

#: The longest log a kernel agrees to write is UINT_MAX / 4 bytes. The file it goes into is sparse, so asking
#: for all of it at once costs nothing, and spares loading a program again and again with a larger buffer.
LOG_CAP = 1 << 30
