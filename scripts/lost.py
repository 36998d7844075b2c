"""Whether what a mutant has lost can be known from what is left of its program."""

from __future__ import annotations

import re

#: One of a pair of calls: the other one is still there, and says of what.
_PAIRED = re.compile(
    rb"\w*(?:submit|discard|lock|release|destroy|enable|disable|save|restore|put|drop|free)\w*\s*\("
)
#: A check: what stands under it leaves, with a number or none.
_LEAVES = re.compile(
    rb"if\s*\(.*\)\s*\{?\s*(?:return\b[^;{}]*|goto\s+\w+|break|continue)\s*;\s*\}?", re.DOTALL
)
_ZEROS = re.compile(rb"=\s*(?:0|\{\s*(?:0\s*,?\s*)?\})")
_NUMBER = re.compile(rb"\d+|0x[0-9a-f]+")
_ASSIGNED = re.compile(rb"([\w.>-]+)\s*=\s*([^=;][^;]*);", re.DOTALL)
_RETURN = re.compile(rb"return\b[^;]*;")


def is_lost(what: str, origin: bytes, mutant: bytes) -> bool:
    """True for a statement or a value that was taken out and that nothing else in the text tells.

    A check that leaves, a call that closes or opens what another one does not, zeros, an assignment that is
    made elsewhere as well, and a value that other places return can be known; what was changed, and not taken
    out, is there to be seen, but for a number that an argument was.
    """
    taken = _taken(origin, mutant)
    match what:
        case "del-stmt":
            return _PAIRED.match(taken) is None and not _is_made_elsewhere(taken, mutant)
        case "arg-0" | "same-arg":
            is_number = _NUMBER.fullmatch(taken.strip())
            return is_number is not None and re.search(rb"\b%s\b" % taken.strip(), mutant) is None
        case "del-if":
            return _LEAVES.fullmatch(taken.rstrip()) is None
        case "del-init":
            return _ZEROS.fullmatch(taken.strip(b" ;\t\n")) is None
        case "del-return":
            return taken != b"return 0;" and taken not in _RETURN.findall(mutant)
    return False


def _is_made_elsewhere(taken: bytes, mutant: bytes) -> bool:
    """Whether the same variable gets the same value in another place: what is read again after a call."""
    made = _ASSIGNED.fullmatch(taken.strip())
    if made is None:
        return False
    name, value = (re.escape(each) for each in made.groups())
    return re.search(rb"(?<![\w.>])%s\s*=\s*%s\s*[,;]" % (name, value), mutant) is not None


def _taken(origin: bytes, mutant: bytes) -> bytes:
    """What stands in the origin where the mutant has less; a statement's semicolon stays with it."""
    start = 0
    while start < min(len(origin), len(mutant)) and origin[start] == mutant[start]:
        start += 1
    end = 0
    while end < min(len(origin), len(mutant)) - start and origin[-1 - end] == mutant[-1 - end]:
        end += 1
    taken, left = origin[start : len(origin) - end], origin[len(origin) - end :]
    return taken + b";" if left.startswith(b";") and not taken.rstrip().endswith((b";", b"}")) else taken
