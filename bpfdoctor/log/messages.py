"""Tells a message from a user's words by shape, for lines that stand outside any log.

The catalogue knows every message; this only has to say which of a text's lines are worth asking about, and
what to make of a kernel newer than the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bpfdoctor.model.report import Stage
from bpfdoctor.pattern import later

Known = Callable[[str], bool]
Found = Callable[[str], str | None]  # the part of a line that is a piece of a message


def _any(*alternatives: str) -> str:
    return "|".join(alternatives)


# These are compiled when they are first needed (`re` keeps them): a whole log needs none of them.
# How messages begin, and go on: enough of each that no English sentence does the same.
_VERIFIER = _any(
    r"R\d{1,2} (?:!read_ok|invalid |type=|(?:min|max) value|offset is outside|unbounded|pointer |leaks addr)",
    r"R\d{1,2} (?:has (?:no|un|in|ty|pt)|is (?:not|ptr_|of type|expected|neither|a pointer|invalid))",
    r"R\d{1,2} (?:must (?:be|point|have)|tried to|bitwise|32-bit|subtraction|cannot |variable |could not)",
    r"R\d{1,2} (?:partial|sign-ext|doesn't|points to|memory |expected|the reg|value is|in )",
    r"(?:[Ii]nvalid|unknown|unrecogni[sz]ed) (?:access to|mem|bpf_|BPF_|func|opcode|insn|type|kptr)",
    r"invalid (?:(?:indirect |unbounded |variable-offset )*(?:read|write|stack)|size of|zero|return|btf)",
    r"back-edge from insn|infinite loop detected|unreachable insn|jump (?:out of range|into)",
    r"last insn is not",
    r"math between \S+ pointer|value -?\d+ makes|misaligned (?:\w+ )?access|div by zero",
    r"combined stack size|the call stack of|stack (?:depth|size|frame|arg) |BPF program is too large",
    r"The sequence of \d|BPF_[A-Z\[\]|_0-9]+ (?:uses|stores|loads|instr|and|is|must|cannot)",
    r"Unreleased reference|arg#? ?\d+ |func(?:tion)? ['%]|func#\d+ |[Gg]lobal func|Caller passes",
    r"Possibly NULL",
    r"kernel func(?:tion)? \w+|calling kernel func|program of this type|helper (?:access|call)|kfunc ",
    r"[Cc]annot (?:call|pass|write|return|spill|access|use|update|release|restore|overwrite|attach|tail) ",
    r"dereference of modified|variable (?:ctx|offset|\w+ access) |only read (?:is|from)|tail_calls? ",
    r"(?:write into|read from) map|bpf_\w+ (?:is|cannot|at|expect|must|with|require|pointer|and|of|argument)",
    r"number of funcs in|same insn cannot|[Ee]xpected (?:an? |un|valid|pointer|prog)|attach_btf_id ",
    r"At (?:program|subprogram|callback|async|exit)|frame pointer is read|attempt to corrupt",
    r"function calls are",
    r"too many sub|[Dd]ynptr has|BPF map '|failed to resolve CO-RE|missing btf|off -?\d+ doesn't|held lock",
    r"map '[^']*' (?:has|is|does|cann)|allocated object|rbtree_|JIT (?:does|is)|LSM prog",
    r"tracing progs cannot",
    r"sleepable (?:helper|prog)|Unknown type ID|access beyond (?:struct|the)|\[\d+\] [A-Z_]{3,} ",
    r"the prog does",
    r"fd -?\d+ is not pointing|verifier (?:bug|internal)|leaking pointer|insn \d+ c|mixing of",
    r"addr_space_cast",
    r"irq flag|Acquiring the same|[A-Z]\w+ type \S+ in \S+\(\)|Private stack|arena",
)
_COMPILER = _any(
    r"Looks like the BPF stack limit|A call to built-in function|Cannot select: |error in backend|LLVM ERROR",
    r"[Uu]nsupport(?:ed)? (?:signed|dynamic|atomic)|too many args to |defined with too many args",
    r"stack arguments are not|pass by value not|(?:aggregate|only small) returns|variadic functions are",
    r"functions with VarArgs|unable to allocate function return|Branch target out of",
    r"Invalid usage of the XADD",
    r"use of undeclared identifier|call to undeclared function|implicit declaration of function",
    r"'[^']+' file not found|unknown target CPU|too many arguments, bcc only|must specify a BPF target",
)
_LOADER = _any(
    r"(?i:failed to (?:find (?:BTF for extern|(?:valid )?kernel BTF)|create (?:map|kprobe)|guess program))",
    r"(?i:failed to (?:resolve extern|load object|open (?:object|BPF)))|(?:map|prog|sec) '[^']+': ",
    r"extern (?:\(|')|BTF is (?:required|mandatory)|kernel (?:doesn't support|BTF is missing)|elf: ",
    r"object file doesn't contain|load program: |map create: |apply CO-RE|Error loading ",
    r"Failed to bump RLIMIT",
    r"permission error while running as root|BPF program load failed|load bpf program failed|Need super-user",
)
# A person writing: what no tool prints.
_PROSE = _any(
    r"(?i)\b(?:I|I'm|I've|we|my|our|you|your|please|thanks?|hello|hi|any(?:one|body)|someone|why|question|help"
    r"|how (?:do|to|can|come)|what (?:am|is|does|do)|tried|trying|getting|here is|here's|this is|as follows"
    r"|the following|does not work|doesn't work|below|above)\b",
)


def stage_of(text: str) -> Stage | None:
    """Who prints lines of this shape; None when nobody does."""
    if re.match(_VERIFIER, text):
        return Stage.VERIFIER
    if re.match(_COMPILER, text):
        return Stage.COMPILER
    return Stage.LOADER if re.match(_LOADER, text) else None


def is_prose(text: str) -> bool:
    """Whether a person wrote this line."""
    if stage_of(text) is not None:
        return False
    if re.search(_PROSE, text):
        return True
    # A sentence: five words or more, a capital first, a full stop last.
    return text.count(" ") > 3 and text[:1].isupper() and text.endswith((".", "?", "!", ":"))


def spoken(line: str, known: Known | None) -> tuple[str, Stage] | None:
    """The message in one line of a text without a log, and who prints it.

    The line itself, or what it quotes: "I get `R3 !read_ok`, why?", "error: R3 !read_ok".
    """
    of_loader = None  # "Error loading program: unknown func …": what it hands on says more
    for candidate in _candidates(line):
        stage = stage_of(candidate)
        # "R1 is not what I expected" begins like a message; "Please move large on stack …" is one.
        if stage in (None, Stage.VERIFIER) and re.search(_PROSE, candidate):
            continue
        is_known = known is not None and known(candidate)
        if stage is Stage.LOADER and not is_known and known is not None:
            of_loader = of_loader or (candidate, stage)
        elif stage is not None or is_known:
            return candidate, stage or Stage.VERIFIER
    return of_loader


_BULLET = later(r"^(?:[*•-]|\d{1,2}[.)]) +")
_QUOTED = later(
    r"`([^`]{6,400})`|\"([^\"]{6,400})\"|(?<![\w'])'([^']{6,400}(?:'[^']{1,40}'[^']{0,200})?)'(?![\w'])"
)


def quotes(line: str) -> Iterator[str]:
    """What a line has in quotes or backticks."""
    for match in list(_QUOTED.finditer(line[:1100]))[:8]:
        yield next(group for group in match.groups() if group).strip()


_REGISTER = later(r"(?<=\s)(?:R\d{1,2} [!a-z]|(?:invalid|unknown|misaligned|unreachable) [a-z])")
_SENTENCE_GOES_ON = later(
    r"[,.;:?!]?(?: (?:and|but|or|when|while|which|that|so|error|in|on|with|for|at|why|how|from)\b|\s*$)"
    r"|[,.;?!](?=\s)"
)


def _candidates(line: str) -> Iterator[str]:
    whole = _BULLET.sub("", line.strip(), count=1)[:1100]
    yield whole
    yield from quotes(whole)
    # After each colon: "Error: …", "verifier says: …", "load program: permission denied: …"
    at = 0
    for _ in range(8):
        at = whole.find(": ", at) + 2
        if at < 2:
            break
        yield whole[at:].strip()
        if (quote := whole[at : at + 1]) in ('"', "`"):  # Rust: Custom { kind: Other, error: "[Verifier] …" }
            yield whole[at + 1 :].partition(quote)[0].strip()
    # In the middle of a sentence: "when I load it I get R1 invalid mem access 'inv' and I don't know why."
    for start in list(_REGISTER.finditer(whole))[:4]:
        for end in list(_SENTENCE_GOES_ON.finditer(whole, start.end()))[:8]:
            yield whole[start.start() : end.start()].strip()
