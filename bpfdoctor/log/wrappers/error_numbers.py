"""Turns what loaders print of an error number into the number: "Permission denied", "-EACCES", "err=13"."""

from __future__ import annotations

import re
from functools import cache

from bpfdoctor import linux_errno as errno
from bpfdoctor.log.wrappers import chain
from bpfdoctor.pattern import later

# What the kernel returns and the C library has no words for, and what musl and Go say differently.
_EXTRA = {
    "unknown error 524": 524,
    "strerror_r(524)=22": 524,
    "errno 524": 524,
    "enotsupp": 524,
    "no error information": 0,
    "out of memory": errno.ENOMEM,
    "not supported": errno.EOPNOTSUPP,
    "operation not supported": errno.EOPNOTSUPP,
    "resource temporarily unavailable": errno.EAGAIN,
    "file exists": errno.EEXIST,
    "file does not exist": errno.ENOENT,  # Go's own
    "value too large for data type": errno.EOVERFLOW,
    # libbpf's own, tools/lib/bpf/libbpf_errno.c
    "kernel verifier blocks program loading": 4007,
    "bpf object format invalid": 4001,
    "kernel doesn't support this program type": 4010,
    "program too big": 4008,
    "incorrect kernel version": 4009,
}
_LARGEST = 4095  # MAX_ERRNO of the kernel

# Compiled where it is needed: most errors are named in words.
_NUMBER = r"(?i:(?:^|: |err=|error |code[ =:]{1,3}|errno[ =:]{1,3}|=|\()(-?\d{1,4})(?=$|\)|[\s,.;!]))"
# A number that nothing is said of. Negative it is an error's wherever it stands by itself, positive only at
# the end of a line that tells of a failure: "Run prio: 50. Chain call" and ERRCODE: BAD_VALUE(130) have none.
_NEGATIVE = r"(?:^|: |= |\()(-\d{1,4})(?=$|\)|[\s,.;!])"
_AT_END = r"(?:^|: | \()(\d{1,4})\)?[.!]?$"
# Where a line says that what follows is the number: (os error 7), errno: 22, err=28, [Errno 1], Err(-22).
_TOLD = (
    r"(?i:(?!^err\(\d+\):)(?:\(os error |\berrno[ =:]{1,3}|\[errno |\berr(?:or)?(?:[ _]code)?[ =:(]{1,3}"
    r"|\bcode[ =:]{1,3}|\bret(?:urned|val)?[ =:]{1,3}|strerror_r\())(-?\d{1,4})\b"
)
_LONGEST = 2000
_KIND_OF_TYPE = later(r"[Uu]nknown kind: Unknown \(\d{1,3}\)")  # a number, and no error's
# What a process returned, or a page fault's bits: numbers, and no error's.
_EXIT = later(
    r"\bexit(?:ed)? (?:with )?(?:status|code)(?: code)?[:=]? ?-?\d{1,3}\b|\bstatus=\d{1,3}\b"
    r"|(?<=: )segfault at .{1,200}"
)
_AROUND = " .!,;)}\"'"
_WORD = later(r"\w+")
_SYMBOL = later(r"-?\b(E[A-Z0-9]{2,15})\b")


@cache
def _words() -> dict[str, int]:
    words = {errno.strerror(number).lower(): number for number in sorted(errno.errorcode, reverse=True)}
    return words | _EXTRA


def number(text: str) -> int | None:
    """The error number in `text`, positive as in errno.h; None when there is none in it."""
    said = _KIND_OF_TYPE.sub("", text[:300]).strip().rstrip("!.").strip()
    lower = said.lower()
    for words, value in _EXTRA.items():
        if "524" in words and words in lower:
            return value
    for part in (lower, lower.rpartition(": ")[2]):
        phrase = re.split(r"\s*[(:,;]", part, maxsplit=1)[0].strip()
        if phrase in _words():
            return _words()[phrase]
    if (symbol := _SYMBOL.search(said)) and symbol[1] in errno.NUMBERS:
        return errno.NUMBERS[symbol[1]]
    if (named := _in_words(said)) is not None:
        return named
    if (digits := re.search(_NUMBER, said)) and 0 < abs(int(digits[1])) <= _LARGEST:
        return abs(int(digits[1]))
    return None


def find(text: str, *, failed: bool = True) -> int | None:
    """The error number that stands anywhere in a line, as a number, a name or in words.

    `failed`: the line tells of a failure, so that a number at its end may be the error's.
    """
    line = _EXIT.sub("", _KIND_OF_TYPE.sub("unknown kind", text[:_LONGEST]))
    last = line.rpartition(": ")[2].strip(_AROUND).lower()
    if " " in last and last in _words():  # Go's chains end with it, whatever numbers stand before
        return _words()[last]
    if (said := re.search(_TOLD, line)) and 0 < abs(int(said[1])) <= _LARGEST:
        beside = _beside(line) if said[1] == "-1" else None  # C returns -1, and keeps the number in errno
        return beside or abs(int(said[1]))
    lower = line.lower()
    if "524" in lower and (value := number(line)) == 524:
        return value
    for symbol in _SYMBOL.finditer(line):
        if symbol[1] == "ENOTSUPP":
            return 524
        if symbol[1] in errno.NUMBERS:
            return errno.NUMBERS[symbol[1]]
    if (value := _in_words(line)) is not None:
        return value
    for pattern in (_NEGATIVE, _AT_END) if failed else (_NEGATIVE,):
        if (digits := re.search(pattern, line)) and 0 < abs(int(digits[1])) <= _LARGEST:
            return abs(int(digits[1]))
    return None


def _beside(line: str) -> int | None:
    """The number beside a -1: in words, or in brackets as Android's loader has it (`ret: -1 [22]`)."""
    bracketed = re.search(r"-1 \[(\d{1,3})\]", line)
    return int(bracketed[1]) if bracketed else _in_words(line)


def without(text: str) -> str:
    """A line without the words of its error: "Cannot allocate memory" is no word about a step."""
    return _phrase().sub("", text) if _may_name_one(text) else text


def up_to_hint(text: str) -> str:
    """A line without what a loader advises after the error."""
    if not _may_name_one(text):
        return text
    return chain.without_hint(text, _phrase())


def _in_words(text: str) -> int | None:
    """The first error that the text names in words."""
    if not _may_name_one(text):  # compiling them all costs more than a small log
        return None
    found = _phrase().search(text)
    return _words()[found[0].lower()] if found else None


def _may_name_one(text: str) -> bool:
    """Whether a word of an error's stands in the text; most lines of a long text have none."""
    return not _telling().isdisjoint(_WORD.findall(text.lower()))


@cache
def _telling() -> frozenset[str]:
    """The longest word of each phrase: where a phrase is, that is a whole word."""
    return frozenset(max(_WORD.findall(phrase), key=len) for phrase in _phrases())


@cache
def _phrases() -> tuple[str, ...]:
    """Any error's words of two words or more, longest first; single ones ("success") are everybody's."""
    phrases = (words for words in _words() if " " in words and "524" not in words)
    return tuple(sorted(phrases, key=len, reverse=True))


@cache
def _phrase() -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(map(re.escape, _phrases())) + r")\b", re.IGNORECASE)


def number_alone(text: str) -> int | None:
    """The error number of a line that is nothing but an error's words: `Permission denied`."""
    return _words().get(text.strip().rstrip(".:").lower())


_LABEL = later(
    r"(?i:(?:os|system|kernel|error|message|reason|cause|errno|details?)\b[\w ]{0,20}) ?[:=] +(?=\S)"
)


def number_labelled(text: str) -> int | None:
    """The same of a line that says only besides what it is: `OS message : Permission denied`."""
    said = text.strip(" \t:")
    label = _LABEL.match(said)
    return number_alone(said[label.end() :] if label else said)
