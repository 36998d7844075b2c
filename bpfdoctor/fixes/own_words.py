"""Whether an example of a rule speaks of the user's program: names in it that are not there only mislead."""

from __future__ import annotations

from collections.abc import Iterable

from bpfdoctor.analysis.context import Context
from bpfdoctor.kernel import helpers, kfuncs
from bpfdoctor.pattern import later

_WORD = later(r"[A-Za-z_]\w*")
_NOT_CODE = later(r"/\*.*?\*/|//.*|\"[^\"]*\"|'[^']*'|#\s*\w+")
# C, and what BCC and the kernel's headers give every program.
_OF_ALL = later(
    r"auto|break|case|char|const|continue|default|do|double|else|enum|extern|float|for|goto|if|inline|int|long"
    r"|register|return|short|signed|sizeof|static|struct|switch|typedef|union|unsigned|void|volatile|while|NULL"
    r"|typeof|asm|__always_inline|__builtin_\w+|(?:__)?[us](?:8|16|32|64)|bool|data|data_end|LICENSE|SEC"
    r"|BPF_[A-Z_]+|PT_REGS_\w+|lookup|[in]"  # a counter, a number
)


def is_users(example: Iterable[str], context: Context) -> bool:
    """Whether every name of an example is in the user's text, in C or in the kernel's API.

    Asked of BCC programs whose text is at hand. Others have none to compare with, or are shown the rule's.
    """
    if not context.raw.flavour.is_bcc or not context.raw.files:
        return True
    rewritten = {each.file for each in context.raw.line_maps}
    own = {
        word for file in context.raw.files if file.path not in rewritten for word in _WORD.findall(file.text)
    }
    words = {word for line in example for word in _WORD.findall(_NOT_CODE.sub("", line))}
    return all(_is_known(word, own) for word in words)


def _is_known(word: str, own: set[str]) -> bool:
    return (
        word in own
        or _OF_ALL.fullmatch(word) is not None
        or word in helpers.every()
        or word in kfuncs.every()
    )
