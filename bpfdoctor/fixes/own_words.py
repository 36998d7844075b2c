"""Whether an example of a rule speaks of the user's program: names in it that are not there only mislead."""

from __future__ import annotations

from collections.abc import Sequence

from bpfdoctor.analysis.context import Context
from bpfdoctor.kernel import helpers, kfuncs
from bpfdoctor.model.report import Flavour
from bpfdoctor.pattern import later

_SHOWN = 256 << 10  # bytes of a log in which the source lines are looked for
_WORD = later(r"[A-Za-z_]\w*")
_NOT_CODE = later(r"/\*.*?\*/|//.*|\"[^\"]*\"|'[^']*'|#\s*\w+")
_QUOTED = later(rb"(?m)^\d*:? ?; (.*?)(?: @ [^@\n]*)?$")
# C, and what the kernel's headers give every program.
_OF_ALL = later(
    r"auto|break|case|char|const|continue|default|do|double|else|enum|extern|float|for|goto|if|inline|int|long"
    r"|register|return|short|signed|sizeof|static|struct|switch|typedef|union|unsigned|void|volatile|while|NULL"
    r"|typeof|asm|__always_inline|__builtin_\w+|(?:__)?[us](?:8|16|32|64)|bool|LICENSE|SEC"
    r"|BPF_[A-Z_]+|PT_REGS_\w+"
)
_OF_BCC = later(r"lookup|data|data_end|[in]")  # and a counter, a number
# Lines that are typed, not compiled: they have no names of a program in them.
_COMMAND = later(
    r"[-+ ]\s*(?:sudo |\./|YOUR-LOADER|apt |bpfdoctor |bpftool |clang -|dmesg |dnf |docker |ip link |make "
    r"|modprobe |mount |rustc |setcap |sysctl |tc filter |ulimit |uname )"
)
# A macro that an example defines brings its name and its parameters.
_DEFINES = later(r"\+\s*#\s*define\s+(\w+(?:\([\w, ]*\))?)")
_LOADS = later(r"(?<!\S)\./loader|YOUR-LOADER|bpfdoctor (?:log|check)\b")


def is_shown(example: Sequence[str], context: Context) -> bool:
    """Whether the names in an example are the user's: all in what it changes, in new lines but for the API's.

    The user's text is the program, or for a log the lines of it that the log quotes, and the message.
    """
    if any(map(is_command, example)):
        return True
    own = _own_words(context).union(*map(_defined, example))
    of_bcc = context.raw.flavour.is_bcc
    for line in example:
        words = _WORD.findall(_NOT_CODE.sub("", line))
        is_new = line.startswith("+")
        if not all(word in own or _is_general(word, is_new, of_bcc) for word in words):
            return False
        if not is_new and _WORD.search(line) and own.isdisjoint(words):
            return False  # nothing shows that the program has such a line
    return True


def is_command(line: str) -> bool:
    """Whether a line of an example is typed, not compiled."""
    return _COMMAND.match(line) is not None


def is_done_already(example: Sequence[str], context: Context) -> bool:
    """Whether it is a command that loads the program or asks us: `check` has just done so."""
    return context.raw.flavour is not Flavour.LOG and any(map(_LOADS.search, example))


def _defined(line: str) -> list[str]:
    found = _DEFINES.match(line)
    return _WORD.findall(found[1]) if found else []


def _own_words(context: Context) -> frozenset[str]:
    rewritten = {each.file for each in context.raw.line_maps}
    texts = [file.text for file in context.raw.files if file.path not in rewritten]
    if not texts:
        end = context.transcript.log_end
        log = bytes(context.transcript.text[max(0, end - _SHOWN) : end])
        texts = [found.decode("utf-8", "replace") for found in _QUOTED.findall(log)]
    block = context.finding.block  # the message's own words are about this program, too
    return frozenset(word for text in (*texts, *block.lines, *block.context) for word in _WORD.findall(text))


def _is_general(word: str, is_new: bool, of_bcc: bool) -> bool:
    if _OF_ALL.fullmatch(word) or (of_bcc and _OF_BCC.fullmatch(word)):
        return True
    return (is_new or of_bcc) and (word in helpers.every() or word in kfuncs.every())
