"""A log's runs: the verifier walks the program, and each global function by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bpfdoctor.log.events import line_end
from bpfdoctor.model.report import Buffer

# Up to 6.7 the functions come first, later the program does.
_BEGIN, _NAMED, _DONE = b"\nValidating ", b"() func#", b"is safe for any args"
_MOST = 100  # functions
_LONGEST_NAME = 128


class Run(NamedTuple):
    """text[start:end] is the walk of a global function, or of the program, which has no name here."""

    function: str
    start: int
    end: int


def runs(text: Buffer, start: int, end: int) -> list[Run]:
    """In the order of the log; an empty one may be among them."""
    return list(_runs(text, start, end))


def _runs(text: Buffer, low: int, end: int) -> Iterator[Run]:
    for _ in range(_MOST):
        begin = text.find(_BEGIN, max(low - 1, 0), end) + 1
        if begin == 0:
            break
        yield Run("", low, begin)
        line = bytes(text[begin : min(line_end(text, begin, end), begin + _LONGEST_NAME)])
        function = line[len(_BEGIN) - 1 :].partition(_NAMED)[0].decode("utf-8", "replace")
        done, following = text.find(_DONE, begin, end), text.find(_BEGIN, begin, end) + 1
        if done < 0 or 0 < following < done:
            yield Run(function, begin, following or end)
            low = following or end
        else:
            yield Run(function, begin, max(text.rfind(b"\n", begin, done) + 1, begin))
            low = min(line_end(text, done, end) + 1, end)
    yield Run("", low, end)
