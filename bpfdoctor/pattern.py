"""Regular expressions that are compiled when a text first asks for them: a start needs few of ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

__all__ = ("later",)

if TYPE_CHECKING:
    later = re.compile
else:
    _METHODS = ("match", "search", "fullmatch", "finditer", "findall", "sub", "split")

    class later:
        """What `re.compile` gives for these arguments; so far it is the arguments."""

        def __init__(self, pattern: str | bytes, flags: int = 0) -> None:
            self._how = pattern, flags

        def __getattr__(self, name: str) -> Any:  # asked for what is not there yet
            compiled = re.compile(*self._how)
            for method in _METHODS:
                setattr(self, method, getattr(compiled, method))
            return getattr(compiled, name)
