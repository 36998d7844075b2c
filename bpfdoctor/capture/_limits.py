"""Numbers that several modules share."""

from __future__ import annotations

#: The longest log a kernel agrees to write is UINT_MAX / 4 bytes. The file it goes into is sparse, so asking
#: for all of it at once costs nothing, and spares loading a program again and again with a larger buffer.
LOG_CAP = 1 << 30

#: The log level of a refused program's trace: the failing path. (At 2 every path that was walked is printed.)
TRACE_LEVEL = 1

#: What a program may have, in bytes; none comes near it.
MOST_SOURCE = 16 << 20
MOST_OBJECT = 512 << 20
