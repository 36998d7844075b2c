"""Numbers that several modules share."""

from __future__ import annotations

#: The longest log a kernel agrees to write is UINT_MAX / 4 bytes. The file it goes into is sparse, so asking
#: for all of it at once costs nothing, and spares loading a program again and again with a larger buffer.
LOG_CAP = 1 << 30

#: The log levels of a trace: the failing path of a refused program, or every path that was walked.
TRACE_LEVEL, ALL_PATHS = 1, 2

#: What a program may have, in bytes; none comes near it.
MOST_SOURCE = 16 << 20
MOST_OBJECT = 512 << 20
