"""What is asked of a map that is there, as tools tell it: an element is written, looked up or taken away."""

from __future__ import annotations

import re

from bpfdoctor import linux_errno as errno
from bpfdoctor.pattern import later

_OF_MAP = r"(?:(?:the |a |an )?[\w.'\"`-]{0,60} )??(?:e?bpf )?maps?\b"
_UPDATE = (
    r"map_update_(?:elem|batch)\b|\bkey too big for map\b|: (?:batch )?update: "
    r"|\bupdat(?:e|ing) (?:(?:the )?(?:e?bpf )?maps?\b|map entr)"
    r"|\b(?:updat|insert|put|writ|add|stor|populat|fill|set)\w{0,6} .{0,80}?(?:in ?to|to|in|of) " + _OF_MAP
)
_LOOKUP = (
    r"map_(?:lookup|get_next)_\w{1,20}|: (?:batch )?lookup: |: next key: "
    r"|\b(?:look(?:ing)? ?up|get|getting|read|reading) .{0,80}?(?:in|from) " + _OF_MAP
)
_DELETE = (
    r"map_(?:lookup_and_)?delete_(?:elem|batch)\b|: (?:batch )?delete: "
    r"|\b(?:delet|remov)(?:e|es|ed|ing) (?!(?:the )?e?bpf map).{1,80}? from " + _OF_MAP
)
# The first that fits counts: "lookup and delete" takes away.
_PATTERNS = (
    ("map-delete", later(_DELETE, re.IGNORECASE)),
    ("map-lookup", later(_LOOKUP, re.IGNORECASE)),
    ("map-update", later(_UPDATE, re.IGNORECASE)),
)
_NAME = later(
    r"\b(?:in ?to|in|to|from|of) (?:the )?(?:e?bpf )?(?:map ['\"`]?([A-Za-z_][\w.]{1,60})\b"
    r"|['\"`]?(?!the |an? |e?bpf )([A-Za-z_][\w.]{2,60})['\"`]? (?:e?bpf )?map\b)",
    re.IGNORECASE,
)
_OF_LIBRARY = later(
    r"(?:^|: )(?:batch )?(?:update|lookup|delete|next key): |\bkey too big for map\b"
    r"|\bmap_\w{1,30}_(?:elem|batch)\b"
)
# cilium/ebpf's words for the numbers of these requests.
_ERRORS = (
    ("key already exists", errno.EEXIST),
    ("key does not exist", errno.ENOENT),
)


def kind_of(line: str) -> str:
    """`map-update`, `map-lookup`, `map-delete`; "" where a line is about none of them."""
    if "map" not in line.lower() and ": key " not in line:
        return ""
    return next((kind for kind, pattern in _PATTERNS if pattern.search(line)), "")


def is_said_by_library(line: str) -> bool:
    """Whether a library's own words say it: then the steps before them are only what it was done for."""
    return _OF_LIBRARY.search(line) is not None


def name(line: str) -> str:
    """The map's name, where it stands before or after the word."""
    found = _NAME.search(line)
    return (found[1] or found[2] or "") if found else ""


def number(line: str) -> int | None:
    """The error number that a library has words of its own for."""
    return next((value for words, value in _ERRORS if words in line), None)
