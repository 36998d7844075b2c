"""Makes BPF C readable for a plain C grammar: macros are blanked in place, so every position stays.

SEC(…), __always_inline, BPF_HASH(…), __uint(…), comments and preprocessor lines become spaces,
BPF_PROG(name, …) an ordinary function head, bpf_for(…) an ordinary loop. What they said is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from bpfdoctor.formats.c_text import COMMENT, STRING, blank, without_comments
from bpfdoctor.model.record import dataclass, field

_TOKEN = re.compile(
    rf"""(?P<comment>{COMMENT})
    |(?P<string>{STRING})
    |(?P<directive>^[ \t]*+\#(?>(?:[^\\\n/]|\\\r?\n|\\.|{COMMENT}|/)*))
    |(?P<word>[A-Za-z_]\w*+)
    |(?P<mark>[(){{}},])""",
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_DEFINE = re.compile(r"[ \t]*#[ \t]*define[ \t]+(\w+)(\(([^)]*)\))?[ \t]*(.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"[ \t]*#[ \t]*(\w*)[ \t]*(.*)", re.DOTALL)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")

# Words that say something about a declaration and are no C.
_ATTRIBUTE_WORDS = """
    __always_inline __noinline noinline always_inline __inline __inline__ __overloadable __noreturn __naked
    __hidden __weak __ksym __kconfig __used __unused __maybe_unused __must_check __pure __attribute_const__
    __visible __cold __hot __init __extension__ __packed __bitwise __force __const __restrict restrict
    __kptr __kptr_ref __kptr_untrusted __percpu_kptr __uptr __user __kernel __percpu __rcu __iomem __bpf_kfunc
    __arena __arena_global __arg_ctx __arg_nonnull __arg_nullable __arg_trusted __arg_untrusted __arg_arena
    __ro_after_init __read_mostly __randomize_layout __section_maps __section_maps_btf __section_license
"""
_ATTRIBUTES = frozenset(_ATTRIBUTE_WORDS.split())
# The same with arguments.
_CALL_WORDS = """
    SEC __section __section_tail __section_entry __contains __nobuiltin __exception_cb __decl_tag __tag
    __aligned __bpf_aligned _Alignas __description __msg __retval
"""
_WITH_ARGUMENTS = frozenset(_CALL_WORDS.split())
_SECTIONS = frozenset({"SEC", "__section"})
MAP_MEMBERS = frozenset({"__uint", "__type", "__array", "__ulong"})
# Loops written as macros: what they become.
_LOOPS = {"bpf_for": "for", "bpf_for_each": "while", "bpf_repeat": "while"}
# A function head written as a macro; how many leading arguments are its name, and BCC's name for the program.
_HEADS: Mapping[str, tuple[int, str]] = {
    "TRACEPOINT_PROBE": (2, "tracepoint__{0}__{1}"),
    "RAW_TRACEPOINT_PROBE": (1, "raw_tracepoint__{0}"),
    "KFUNC_PROBE": (1, "kfunc__{0}"),
    "KRETFUNC_PROBE": (1, "kretfunc__{0}"),
    "MODULE_KFUNC_PROBE": (2, "kfunc__{0}__{1}"),
    "MODULE_KRETFUNC_PROBE": (2, "kretfunc__{0}__{1}"),
    "KMOD_RET": (1, "kmod_ret__{0}"),
    "LSM_PROBE": (1, "lsm__{0}"),
    "BPF_ITER": (1, "bpf_iter__{0}"),
}
_OFFSETOF = frozenset({"offsetof", "__builtin_offsetof"})
_SPECIAL = _OFFSETOF | _ATTRIBUTES | _WITH_ARGUMENTS | MAP_MEMBERS | _LOOPS.keys() | _HEADS.keys()
_CONTEXT = {"TRACEPOINT_PROBE": "args", "RAW_TRACEPOINT_PROBE": "ctx", "BPF_ITER": "ctx"}
_TAG_AS_ARGUMENT = re.compile(
    r"([(,])\s*+((?:const\s+)?(?:struct|union|enum)\b)\s*+\w++\s*+(\*[*\s]*+)?(?=[,)])"
)
_TYPE_OPERATOR = re.compile(
    r"(?:\b(?:sizeof|typeof|__typeof__|__typeof|alignof|_Alignof|offsetof|if|while|return)|[^\w\])])\s*$"
)
# Placeholders that a Python tool replaces, each on a line of its own: PID_FILTER
_LONE_WORDS = re.compile(r"(?:\A|(?<=[;{}]))(?:\s*\n[ \t]*+_*+[A-Z][A-Z0-9_]++(?=[ \t]*+\r?\n))+")
_WORD = re.compile(r"\w+")
_CASE_RANGE = re.compile(r"(\bcase\s+[\w']++\s*+)(\.\.\.\s*[\w']++)(?=\s*:)")
_CONTINUED = re.compile(r"\\\r?\n")
_SEMICOLON = re.compile(r"[ \t\r]*\n?[ \t\r]*;")
_BODY = re.compile(r"\s*\{")
_STATEMENT = re.compile(r"\s*[{\w(*]")
_SPACE = re.compile(r"\s*")
_SPECIFIER_BEFORE = re.compile(r"(?<!\w)(static|inline|extern|__\w+)\s+$")
_TYPE_AND_NAME = re.compile(r"\s+\w+[\s*]+\w")
_TYPE_BEFORE = re.compile(r"(?:^|[\n;}])\s*((?:\w+[\s*]+)+)$")
_DEEPEST = 400  # nested parentheses; more is no program


@dataclass(frozen=True, slots=True)
class MacroDefinition:
    """`#define name(params) value`; `params` is None for an object-like macro."""

    name: str
    params: tuple[str, ...] | None
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class MacroCall:
    """A macro that was blanked: its name, its arguments as written, and where it stood (offsets)."""

    name: str
    args: tuple[str, ...]
    start: int
    end: int


@dataclass(slots=True)
class Plain:
    """The text as plain C, character for character as long as the original, and what was taken out of it."""

    code: str = ""
    macros: list[MacroDefinition] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    sections: list[MacroCall] = field(default_factory=list)  # SEC("xdp")
    members: list[MacroCall] = field(default_factory=list)  # __uint(type, …)
    tables: list[MacroCall] = field(default_factory=list)  # BPF_HASH(…) at file level
    heads: dict[int, MacroCall] = field(default_factory=dict)  # by the offset of the function's name
    loops: dict[int, MacroCall] = field(default_factory=dict)  # by the offset of the loop's keyword
    attributes: list[tuple[int, str]] = field(default_factory=list)  # (offset, __always_inline)
    pragmas: list[int] = field(default_factory=list)  # offsets of `#pragma unroll`


def program_name(head: MacroCall) -> str:
    """The name the kernel sees for a function whose head is a macro."""
    count, pattern = _HEADS.get(head.name, (1, "{0}"))
    return pattern.format(*head.args[:count]) if len(head.args) >= count else ""


def context_parameter(head: MacroCall) -> str | None:
    """The parameter that a head macro declares by itself: `args` of TRACEPOINT_PROBE."""
    return _CONTEXT.get(head.name)


def plain(text: str) -> Plain:
    """Blanks the dialect. Linear in the text's length."""
    return _Blanker(text).run()


@dataclass(slots=True)
class _Branch:
    """One branch of an #if: where it starts, its brace balance, whether it is `#if 0`."""

    start: int
    end: int = 0
    balance: int = 0
    dead: bool = False


class _Blanker:
    def __init__(self, text: str) -> None:
        self.source = text if text.isascii() else _NOT_ASCII.sub("x", text)
        self.out = list(self.source.replace("\0", " "))
        self.found = Plain()
        self.words: list[tuple[str, int, int]] = []
        self.closing: dict[int, int] = {}  # offset of "(" -> offset of its ")"
        self.commas: dict[int, list[int]] = {}
        self.branches: list[list[_Branch]] = []
        self.dead: list[tuple[int, int]] = []

    def run(self) -> Plain:
        self._scan()
        skip_to, dead = 0, iter(sorted(self.dead))
        dropped = next(dead, None)
        for word, start, end in self.words:
            while dropped is not None and dropped[1] <= start:
                dropped = next(dead, None)
            if start >= skip_to and not (dropped is not None and dropped[0] <= start):
                skip_to = max(skip_to, self._word(word, start, end))
        code = "".join(self.out)
        code = _TAG_AS_ARGUMENT.sub(_untag, code)
        code = _LONE_WORDS.sub(lambda m: _WORD.sub(lambda word: " " * len(word[0]), m[0]), code)
        self.found.code = _CASE_RANGE.sub(lambda m: m[1] + " " * len(m[2]), code)
        return self.found

    def _scan(self) -> None:
        """Splits into words and marks; blanks comments and directives; pairs the parentheses."""
        stack: list[int] = []
        line, counted = 1, 0
        for match in _TOKEN.finditer(self.source):
            kind, start = match.lastgroup, match.start()
            if kind == "word":
                word = match[0]
                if word in _SPECIAL or word.isupper() or word[:2] == "__" or "each" in word:
                    self.words.append((word, start, match.end()))
            elif kind == "mark":
                mark = match[0]
                if mark == "(":
                    stack.append(start)
                    if len(stack) > _DEEPEST:
                        stack.clear()
                elif mark == ")":
                    if stack:
                        self.closing[stack.pop()] = start
                elif mark == ",":
                    if stack:
                        self.commas.setdefault(stack[-1], []).append(start)
                elif self.branches:
                    self.branches[-1][-1].balance += 1 if mark == "{" else -1
            elif kind == "comment":
                self._blank(start, match.end())
            elif kind == "directive":
                line += self.source.count("\n", counted, start)
                counted = start
                self._directive(match[0], start, match.end(), line)

    def _directive(self, text: str, start: int, end: int, line: int) -> None:
        self._blank(start, end)
        match = _DIRECTIVE.match(text)
        word, rest = (match[1], match[2].strip()) if match else ("", "")
        if word == "define":
            defined = _DEFINE.match(text)
            if defined:
                params = None if defined[2] is None else tuple(p.strip() for p in defined[3].split(","))
                value = " ".join(without_comments(_CONTINUED.sub(" ", defined[4])).split())
                self.found.macros.append(MacroDefinition(defined[1], params, value, line))
        elif word == "include":
            self.found.includes.append(rest.split("//")[0].split("/*")[0].strip().strip('<>"'))
        elif word == "pragma" and "unroll" in rest and "nounroll" not in rest:
            self.found.pragmas.append(start)
        elif word in ("if", "ifdef", "ifndef"):
            self.branches.append([_Branch(end, dead=word == "if" and rest.split("/")[0].strip() == "0")])
        elif word in ("else", "elif", "elifdef", "elifndef") and self.branches:
            self._finish(self.branches[-1][-1], start)
            self.branches[-1].append(_Branch(end))
        elif word == "endif" and self.branches:
            self._finish(self.branches[-1][-1], start)
            branches = self.branches.pop()
            alive = [branch for branch in branches if not branch.dead]
            if len(alive) > 1 and any(branch.balance for branch in alive):
                for branch in alive[1:]:  # `if (a) { #else if (b) { #endif`: one opening brace is enough
                    self._drop(branch)
            if self.branches:
                self.branches[-1][-1].balance += alive[0].balance if alive else 0

    def _finish(self, branch: _Branch, end: int) -> None:
        branch.end = end
        if branch.dead:
            self._drop(branch)

    def _drop(self, branch: _Branch) -> None:
        """Takes a branch out of the program."""
        self._blank(branch.start, branch.end)
        self.dead.append((branch.start, branch.end))

    def _blank(self, start: int, end: int) -> None:
        self.out[start:end] = blank(self.source[start:end])

    def _word(self, word: str, start: int, end: int) -> int:
        """Handles one word; returns the offset up to which everything is done."""
        if word in _ATTRIBUTES:
            self._blank(start, end)
            self.found.attributes.append((start, word))
            return end
        if word in _WITH_ARGUMENTS:
            call = self._call(word, start, end)
            if call is None:
                return end
            self._blank(start, call.end)
            if word in _SECTIONS:
                self.found.sections.append(call)
            return call.end
        if word in MAP_MEMBERS:
            call = self._call(word, start, end)
            if call is None:
                return end
            self.found.members.append(call)
            stop = self._semicolon(call.end)
            self._blank(start, stop)
            return stop
        if word in _OFFSETOF:
            return self._offsetof(word, start, end)
        if word in _LOOPS or "for_each" in word or "foreach" in word:
            return self._loop(word, start, end)
        if word in _HEADS or (len(word) > 2 and word.isupper()):
            return self._upper(word, start, end)
        if word.startswith("__") and self._is_specifier(start, end):
            self._blank(start, end)
            self.found.attributes.append((start, word))
        return end

    def _call(self, name: str, start: int, end: int) -> MacroCall | None:
        space = _SPACE.match(self.source, end)
        opening = space.end() if space else end
        closing = self.closing.get(opening)
        if closing is None:
            return None
        cuts = [opening, *self.commas.get(opening, ()), closing]
        args = tuple(self.source[a + 1 : b].strip() for a, b in pairwise(cuts))
        return MacroCall(name, () if args == ("",) else args, start, closing + 1)

    def _semicolon(self, at: int) -> int:
        match = _SEMICOLON.match(self.source, at)
        return match.end() if match else at

    def _loop(self, word: str, start: int, end: int) -> int:
        call = self._call(word, start, end)
        if call is None or not _STATEMENT.match(self.source, call.end):
            return end
        keyword = "for" if _LOOPS.get(word) == "for" and len(call.args) == 3 else "while"
        if len(word) < len(keyword):
            return end
        self._blank(start, end)
        self.out[start : start + len(keyword)] = keyword
        if keyword == "for":
            opening = self.source.index("(", end)
            for comma in self.commas[opening]:
                self.out[comma] = ";"
        elif not call.args:
            return end
        self.found.loops[start] = call
        return end

    def _offsetof(self, word: str, start: int, end: int) -> int:
        """`__builtin_offsetof(struct a, b.c[1])`: the grammar knows `offsetof(struct a, b)`."""
        call = self._call(word, start, end)
        if call is not None and len(call.args) == 2:
            self._blank(start, end - len("offsetof"))
            comma = self.commas[self.source.index("(", end)][0]
            member = _WORD.search(self.source, comma, call.end - 1)
            if member is not None:
                self._blank(member.end(), call.end - 1)
        return end

    def _upper(self, word: str, start: int, end: int) -> int:
        """An all-capitals word: a function head, a table at file level, an attribute, or a constant."""
        at_margin = start == 0 or self.source[start - 1] == "\n"
        call = self._call(word, start, end)
        if call is None:
            if self._is_specifier(start, end):
                self._blank(start, end)
                self.found.attributes.append((start, word))
            return end
        if call.args and _BODY.match(self.source, call.end):
            if at_margin or word in _HEADS or self._after_type(start):
                return self._head(call, start, end)
            return end
        if at_margin and (word.startswith("BPF_") or _SEMICOLON.match(self.source, call.end)):
            self.found.tables.append(call)
            stop = self._semicolon(call.end)
            self._blank(start, stop)
            return stop
        return end

    def _after_type(self, start: int) -> bool:
        """`int BPF_PROG(…)`: something that can be a type stands before, on this line or the one above."""
        match = re.compile(r"(?:^|[\n;}])\s*((?:[\w]+[\s*]+)+)$").search(
            self.source[max(0, start - 120) : start]
        )
        return match is not None and match[1].split()[0] not in ("return", "else", "do", "goto", "case")

    def _head(self, call: MacroCall, start: int, end: int) -> int:
        """Turns `BPF_PROG(name, args) {` into `         name( args) {`."""
        opening = self.source.index("(", end)
        count = _HEADS.get(call.name, (1, ""))[0]
        name = call.args[count - 1] if len(call.args) >= count else ""
        if not re.fullmatch(r"\w+", name):
            return end
        commas = self.commas.get(opening, [])
        first = opening if count == 1 else commas[count - 2]
        at = self.source.index(name, first + 1)
        follows = commas[count - 1] if len(commas) >= count else None
        typed = self._after_type(start)
        self._blank(start, at)
        if follows is None:  # no parameters: `BPF_PROG(name)` has room for "name()" one to the left
            at -= 1
            self.out[at : at + len(name) + 1] = name + "("
        else:
            self.out[at + len(name) : follows + 1] = " " * (follows - at - len(name)) + "("
        if not typed and at - start >= 4:
            self.out[start : start + 3] = "int"
        self.found.heads[at] = call
        return at + len(name)

    def _is_specifier(self, start: int, end: int) -> bool:
        """`static __my_inline int f(`: after a specifier, and followed by a type and a name."""
        before = _SPECIFIER_BEFORE.search(self.source[max(0, start - 40) : start])
        if before is None or (before[1].startswith("__") and before[1] not in _ATTRIBUTES):
            return False
        return _TYPE_AND_NAME.match(self.source, end) is not None


def _untag(match: re.Match[str]) -> str:
    """`container_of(p, struct foo, member)` loses its `struct`; sizeof and casts keep it."""
    before = match.string[max(0, match.start() - 24) : match.start()]
    if match[1] == "(" and (not before or _TYPE_OPERATOR.search(before)):
        return match[0]
    out = list(match[0])
    for group in (2, 3):
        first, last = (at - match.start() for at in match.span(group))
        if last > first >= 0:
            out[first:last] = blank(match[group])
    return "".join(out)
