"""What is known of a compiler's message: where a name is declared, whose header it is, what hides it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bpfdoctor.analysis.answer import Found, NotShown
from bpfdoctor.analysis.answer import Outcome as Outcomes
from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib import compiler_excerpt as excerpt
from bpfdoctor.analysis.lib.c_library import (
    HELPERS,
    INSTEAD_OF_HEADERS,
    LIBRARY,
    OTHERWISE,
    WRITTEN_BY_COMPILER,
)
from bpfdoctor.analysis.lib.compiler_excerpt import Origin
from bpfdoctor.analysis.lib.include_chain import Lead, is_c_library, lead, spelled
from bpfdoctor.analysis.lib.includes import defined, included
from bpfdoctor.kernel import declared, functions, kfuncs, renamed
from bpfdoctor.log.wrappers.consequences import BROKEN_BY_BCC
from bpfdoctor.model.diagnosis import Fact, Facts, Place
from bpfdoctor.model.record import dataclass, replace
from bpfdoctor.model.report import Stage

_SUGGESTED = re.compile(r"did you mean (?:the type )?'([\w ]{1,80})'")
_BASE_TYPES = re.compile(r"__(?:[us](?:8|16|32|64)|be16|be32|be64|wsum)")
_SAYS_TWICE = ("TWICE", "TYPEDEF_TWICE")
_ABOUT_NAMES = ("IDENTIFIER", "TYPE", "FUNCTION", "EXPECTED", "EXTERN", "MESSAGE")
_NAMES = ("name", "type", "callee")
_OF_THE_BUILD = ("KBUILD_MODNAME", "KBUILD_BASENAME", "KBUILD_MODFILE")
_ASM_GOTO = re.compile(r"'asm goto' constructs|expected '\(' after 'asm'")
# Registers of one processor, in assembly that is compiled for another.
_CONSTRAINT = re.compile(
    r"invalid (?:in|out)put constraint '|unknown register name '|register '\w+' unsuitable"
)
_REGISTER_MACROS = re.compile(r"PT_REGS_\w{1,40}$")
_MACRO_ARGUMENTS = re.compile(r"too (?:many|few) arguments provided to function-like macro")
# What declares a BCC map, by what is asked of it.
_BCC_MAPS = (
    ("ringbuf_", "BPF_RINGBUF_OUTPUT({name}, 8)"),
    ("perf_submit", "BPF_PERF_OUTPUT({name})"),
    ("increment", "BPF_HISTOGRAM({name})"),
    ("get_stackid", "BPF_STACK_TRACE({name}, 1024)"),
    ("call", "BPF_PROG_ARRAY({name}, 8)"),
    ("redirect", "BPF_DEVMAP({name}, 8)"),
    ("push", "BPF_QUEUE({name}, __u64, 1024)"),
    ("pop", "BPF_QUEUE({name}, __u64, 1024)"),
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_QUOTED = re.compile(r"'([^']{1,100})'")


class Outcome(Outcomes):
    HEADER = "it is known which header of libbpf declares the name, and that is not included"
    OLD_LIBBPF = "a later libbpf declares the name, and its header may be included"
    FOR_PROGRAMS = "a header for programs declares the name"
    DEFINE = "a header for programs has it as a number, beside a vmlinux.h"
    OTHER_NAME = "BPF programs have another name for it"
    KERNEL_MACRO = "a macro of the kernel's own headers"
    KFUNC = "a kernel function that programs declare themselves"
    LIBRARY = "a function of the C library"
    LIBRARY_HELPER = "a function of the C library, and a helper does the same for programs"
    COMPILER_WRITES = "a function that the compiler can write out"
    LATER = "the program defines it, further down"
    SUGGESTED = "the compiler suggests another name"
    TYPES_FIRST = "a header of libbpf uses the kernel's types, and nothing before it declares them"
    KERNEL_HEADERS = "the message is about a header of the kernel's"
    OWN_MACRO = "a header of the kernel's has, as a name, a macro that the program defines before it"
    BCC_BREAKS = "BCC has rewritten what a macro of the kernel's headers expands to, and left no C"
    MACRO_HIDES = "a macro of the kernel's headers stands at this place"
    BUILTIN_NEWER = "a later clang has this built-in"
    BUILTIN_OF_NOBODY = "no clang up to the newest has it"
    INCLUDED = "the message is about a file that the program includes"
    TWO_SOURCES = "two headers declare the same, one of them vmlinux.h"
    OWN_NAME = "a file of the program's own declares what vmlinux.h has under the same name"
    LIBRARY_AND_KERNEL = "a header of the C library and one of the kernel declare the same"
    TWO_COPIES = "two copies of one header declare the same"
    BUILD_DEFINES = "the kernel's own build defines the name, on the command line"
    ASM_GOTO = "the kernel's headers use asm goto, and the compiler does not know it"
    MACRO_ARGUMENTS = "a macro of libbpf's is given more, or fewer, arguments than it has here"
    STRUCT_TAG = "it is the name of a structure, without `struct` before it"
    MAP = "a helper is given its address as that of a map, and nothing defines it"
    C_LIBRARY = "the message is about a header of the C library, which the program includes"
    BPF_TARGET = "the kernel's own headers have inline assembly of the processor, and clang compiles for BPF"
    ASM_INLINE = "the kernel's headers use asm inline, and the compiler does not know it"
    OLD_CLANG = "vmlinux.h has an attribute that the compiler does not know"
    LINK_AS_TEXT = "vmlinux.h is not C: it holds the name of another file"
    BCC_AND_LIBBPF = "a BCC program includes the helpers of libbpf"
    LIBBPF_AND_VMLINUX = "a header of libbpf declares a kernel function otherwise than vmlinux.h does"
    KERNEL_AND_VMLINUX = "the kernel's own headers and vmlinux.h declare the same"
    OTHER_PROCESSOR = "libbpf takes a register of one processor, and struct pt_regs has those of another"
    NO_PROCESSOR = "bpf_tracing.h is included, and was told of no processor that it knows"
    RENAMED = "kernels call this member differently"
    BCC_MAP = "something is asked of a BCC map, and no macro declares it"
    NEAR_NAME = "a helper or kfunc has nearly this name"
    KERNEL_FUNCTION = "the name is one of a helper or kfunc that is not known here"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompileError(Facts):
    """`header` as it is written between < and >; "" where a value is not part of the outcome.

    `instead` is what to write, `version` the first clang (or the last libbpf without), `chain` who
    includes the header, `words` the compiler's own, `asked` what the user's own #include says.
    """

    name: str = ""
    header: str = ""
    instead: str = ""
    version: str = ""
    chain: str = ""
    words: str = ""
    asked: str = ""

    def public(self) -> Mapping[str, Fact]:
        return {
            "name": self.name,
            "header": self.header,
            "instead": self.instead,
            "version": self.version,
            "chain": self.chain,
            "words": self.words,
            "asked": self.asked,
        }


FACTS = CompileError


def collect(context: Context) -> Found | NotShown:
    found = _known(context)
    if isinstance(found, NotShown) and (came_from := excerpt.included_by(context.finding.block)):
        return Found(Outcome.INCLUDED, CompileError(chain=_chain(came_from)))
    return found


def _chain(came_from: tuple[str, ...]) -> str:
    return ", which is included from ".join(came_from[:4])


def _known(context: Context) -> Found | NotShown:
    block = context.finding.block
    if (found := _about_headers(context)) is not None:
        return found
    if isinstance(builtin := context.captures.get("builtin"), str):
        return _builtin(builtin)
    if context.finding.kind in ("MEMBER", "REGISTER", "REGISTER_OF_PROGRAMS", "CALL_NUMBER"):
        return _member(context)
    if context.finding.kind not in _ABOUT_NAMES:
        return NotShown("the message is not about a name that is missing")
    said = next((context.captures[key] for key in _NAMES if isinstance(context.captures.get(key), str)), None)
    if said is None:
        said = _hidden_macro(context)
        row = declared.where(said) if said else None
        if said and row:
            return _in_header(said, row, set(included(context)), bool(context.raw.files))
        return NotShown("the compiler's words are all there is")
    found = _named(context, said.strip(" '*"))
    if found is not None:
        return found
    more = context.captures.get("more", "")
    if block.stage is Stage.COMPILER and (better := _SUGGESTED.search(more if isinstance(more, str) else "")):
        return Found(Outcome.SUGGESTED, CompileError(name=said, instead=better[1]))
    return NotShown("it is not known what declares it")


def _member(context: Context) -> Found | NotShown:
    """A member that a structure does not have: another processor's register, another kernel's name."""
    member, type = str(context.captures["member"]), str(context.captures.get("type", "struct pt_regs"))
    if type == "struct pt_regs":
        through = {spelled(file) for name, file in excerpt.macros(context.finding.block)}
        if "bpf/bpf_tracing.h" in through:
            return Found(Outcome.OTHER_PROCESSOR, CompileError(name=member))
        return NotShown("which headers have this register is all that is known")
    row = renamed.other_name(type, member)
    if row is None:
        return NotShown("the compiler's words are all there is")
    is_old = member == row.old
    other, there, here = (row.new, row.after, row.before) if is_old else (row.old, row.before, row.after)
    facts = CompileError(name=member, words=type, instead=other, version=there, chain=here)
    return Found(Outcome.RENAMED, facts)


def _about_headers(context: Context) -> Found | None:
    """Whose header the message is about, before its words are looked at."""
    block = context.finding.block
    if block.stage is not Stage.COMPILER or not block.file:
        return None
    if any(BROKEN_BY_BCC in line for line in block.context):
        place = context.source.compiler_place(block.file, block.line or 0, None, block.start)
        return Found(Outcome.BCC_BREAKS, CompileError(refused_at=place))  # its column is one of BCC's text
    came_from = excerpt.included_by(block)
    chain = _chain(came_from)
    if context.finding.kind in _SAYS_TWICE and (found := _twice(context)) is not None:
        return found
    if (found := _about_whose(context, chain)) is not None:
        return found
    file = excerpt.origin(block.file)
    if _ASM_GOTO.search(block.lines[0]) and any("asm_inline" in line for line in block.context):
        return Found(Outcome.ASM_INLINE, CompileError(header=block.file, chain=chain or "the program"))
    if _ASM_GOTO.search(block.lines[0]) and any("goto" in line for line in (*block.lines, *block.context)):
        return Found(Outcome.ASM_GOTO, CompileError(header=block.file, chain=chain or "the program"))
    macro = excerpt.defined_macro(block) if _MACRO_ARGUMENTS.match(block.lines[0]) else None
    if macro is not None and excerpt.origin(macro[1]) is Origin.LIBBPF:
        return Found(Outcome.MACRO_ARGUMENTS, CompileError(name=macro[0], header=macro[1]))
    if context.captures.get("name") in _OF_THE_BUILD:
        name = str(context.captures["name"])
        return Found(Outcome.BUILD_DEFINES, CompileError(name=name, instead=f'{name} "my_program"'))
    if file is Origin.KERNEL:
        said = CompileError(header=block.file, chain=chain or "the program", words=block.lines[0])
        shown = set(_WORD.findall(" ".join(block.context)))
        own = next((name for name in defined(context) if name in shown), None)
        return (
            Found(Outcome.OWN_MACRO, replace(said, name=own)) if own else Found(Outcome.KERNEL_HEADERS, said)
        )
    type = context.captures.get("type")
    if file is Origin.LIBBPF and isinstance(type, str) and _BASE_TYPES.fullmatch(type):
        return Found(Outcome.TYPES_FIRST, CompileError(name=type, header=block.file))
    if context.finding.kind in ("NOT_STATIC", "MESSAGE"):
        for name, where in excerpt.macros(block):
            if excerpt.origin(where) is Origin.KERNEL:
                written = declared.WRITTEN_OUT.get(name, f"what {name} stands for")
                return Found(Outcome.MACRO_HIDES, CompileError(name=name, header=where, instead=written))
    return None


def _about_whose(context: Context, chain: str) -> Found | None:
    """What a header's place tells: the C library's, vmlinux.h, the kernel's for another machine than BPF."""
    block = context.finding.block
    file, words = block.file or "", block.lines[0]
    led = lead(block)
    if led is not None and is_c_library(file):
        instead = INSTEAD_OF_HEADERS.get(led.header, OTHERWISE)
        facts = CompileError(header=led.header, instead=instead, words=words, refused_at=_at(context, led))
        return Found(Outcome.C_LIBRARY, facts)
    if excerpt.origin(file) is Origin.VMLINUX:
        if "preserve_access_index" in words:
            return Found(Outcome.OLD_CLANG, CompileError(header=file, words=words))
        if block.line == 1 and (shown := excerpt.other_path(block)) is not None:
            return Found(Outcome.LINK_AS_TEXT, CompileError(header=file, name=shown))
    if excerpt.origin(file) is Origin.KERNEL and "/virtual/" not in chain and _CONSTRAINT.match(words):
        facts = CompileError(header=file, words=words, asked=spelled(file))
        if led is not None:
            facts = replace(facts, asked=led.header, refused_at=_at(context, led))
        return Found(Outcome.BPF_TARGET, facts)
    return None


def _at(context: Context, led: Lead) -> Place | None:
    return context.source.compiler_place(led.file, led.line, None, context.finding.block.start)


def _twice(context: Context) -> Found | None:
    """Two declarations of one thing, by two headers that were not made for one program."""
    block = context.finding.block
    before = excerpt.previous(block)
    name = context.captures.get("what")
    if before is None or not block.file or not isinstance(name, str):
        return None
    files = (block.file, before[0])
    if context.finding.kind == "TYPEDEF_TWICE" and (defined := excerpt.last_name(block)) is not None:
        name = defined
    elif (quoted := _QUOTED.search(name)) is not None:  # ('__loff_t' (aka 'long') vs '__kernel_loff_t' …)
        name = quoted[1]
    kinds = {excerpt.origin(file) for file in files}
    facts = CompileError(name=name, header=files[0], instead=files[1])
    if files[0] != files[1] and files[0].split("/")[-2:] == files[1].split("/")[-2:]:
        return Found(Outcome.TWO_COPIES, facts)
    if any(file.startswith("/virtual/include/bcc/") for file in files) and any(map(_is_libbpfs, files)):
        led = lead(block)
        place = _at(context, led) if led is not None else None
        return Found(Outcome.BCC_AND_LIBBPF, replace(facts, header="bpf/bpf_helpers.h", refused_at=place))
    if kinds == {Origin.PROGRAMS, Origin.KERNEL}:
        return Found(Outcome.LIBRARY_AND_KERNEL, facts)
    if Origin.VMLINUX not in kinds or kinds == {Origin.VMLINUX}:
        return None
    other = next(file for file in files if excerpt.origin(file) is not Origin.VMLINUX)
    if Origin.LIBBPF in kinds:
        return Found(Outcome.LIBBPF_AND_VMLINUX, replace(facts, header=spelled(other)))
    is_own = other == context.source.user_file
    if is_own or (excerpt.origin(other) is Origin.USER and not other.startswith("/")):
        return Found(Outcome.OWN_NAME, CompileError(name=name, header=other, instead=f"my_{name}"))
    if Origin.KERNEL in kinds:
        return Found(Outcome.KERNEL_AND_VMLINUX, CompileError(name=name, header=other))
    led = lead(block)
    if led is None or excerpt.origin(led.way[0]) is Origin.VMLINUX:  # vmlinux.h comes second
        names = [each for each in included(context) if each.startswith(("linux/", "asm/", "net"))]
        is_behind = spelled(other).startswith(("asm/", "asm-generic/", "bits/"))  # nobody includes these
        asked = spelled(other) if not is_behind else names[0] if names else "linux/…"
        place = _at(context, led) if led is not None else None
        facts = CompileError(name=name, header=other, asked=f"<{asked}>", refused_at=place)
        return Found(Outcome.TWO_SOURCES, facts)
    first = next((file for file in led.way if excerpt.origin(file) is not Origin.LIBBPF), other)
    facts = CompileError(name=name, header=other, asked=f"<{spelled(first)}>", refused_at=_at(context, led))
    return Found(Outcome.TWO_SOURCES, facts)


def _is_libbpfs(file: str) -> bool:
    return spelled(file).startswith("bpf/bpf_")


def _builtin(name: str) -> Found:
    since = declared.clang_with(name)
    if since is None:
        newest = str(declared.newest_clang())
        return Found(Outcome.BUILTIN_OF_NOBODY, CompileError(name=name, version=newest))
    first, lacks = since
    between = f"clang {first}" if lacks is None else f"clang {first} (clang {lacks} does not)"
    return Found(Outcome.BUILTIN_NEWER, CompileError(name=name, version=between))


def _named(context: Context, name: str) -> Found | None:
    """What is known about a name that nothing declares, or that nothing defines."""
    is_bcc = context.raw.flavour.is_bcc or (context.finding.block.file or "").startswith("/virtual/")
    if name in declared.OTHER_NAMES and not is_bcc:
        instead, header = declared.OTHER_NAMES[name]
        return Found(Outcome.OTHER_NAME, CompileError(name=name, instead=instead, header=header))
    block = context.finding.block
    if is_bcc and (method := excerpt.method_of(block, name)) is not None:
        macro = next((form for begin, form in _BCC_MAPS if method.startswith(begin)), "BPF_HASH({name})")
        return Found(Outcome.BCC_MAP, CompileError(name=name, instead=macro.format(name=name), words=method))
    if name in declared.STRUCTURES and block.stage is Stage.COMPILER:
        return Found(Outcome.STRUCT_TAG, CompileError(name=name))
    if block.stage is Stage.COMPILER and excerpt.is_maps_address(block, name):
        return Found(Outcome.MAP, CompileError(name=name))
    names = set(included(context))
    row = declared.where(name)
    through = {file for _, file in excerpt.macros(block)}
    if _REGISTER_MACROS.match(name) and any(spelled(file) == "bpf/bpf_tracing.h" for file in through):
        return Found(Outcome.NO_PROCESSOR, CompileError(name=name))
    if name in declared.KERNEL_MACROS and (row is None or row.lacks) and not is_bcc:
        return Found(Outcome.KERNEL_MACRO, CompileError(name=name, instead=declared.KERNEL_MACROS[name]))
    if row is not None and not (is_bcc and row.header.startswith("bpf/")):
        return _in_header(name, row, names, bool(context.raw.files))
    if name in kfuncs.every():
        return Found(Outcome.KFUNC, CompileError(name=name))
    if name in WRITTEN_BY_COMPILER and context.finding.block.stage is Stage.COMPILER:
        return Found(Outcome.COMPILER_WRITES, CompileError(name=name))
    if name in HELPERS:
        return Found(Outcome.LIBRARY_HELPER, CompileError(name=name, instead=HELPERS[name]))
    if name in LIBRARY:
        return Found(Outcome.LIBRARY, CompileError(name=name))
    if name.startswith("bpf_") and context.finding.block.stage is Stage.LOADER:
        if (near := functions.like(name)) is not None:
            return Found(Outcome.NEAR_NAME, CompileError(name=name, instead=near, layer_shown=False))
        return Found(Outcome.KERNEL_FUNCTION, CompileError(name=name))
    return Found(Outcome.LATER, CompileError(name=name)) if _is_later(context, name) else None


def _in_header(name: str, row: declared.Declared, included: set[str], is_seen: bool) -> Found:
    facts = CompileError(name=name, header=row.header, instead=f"{name} {row.value}", version=row.lacks)
    if row.header.startswith("bpf/"):
        is_old = row.lacks and (row.header in included or not is_seen)
        return Found(Outcome.OLD_LIBBPF if is_old else Outcome.HEADER, facts)
    if row.value and is_seen and any(each.endswith("vmlinux.h") for each in included):
        return Found(Outcome.DEFINE, facts)
    return Found(Outcome.FOR_PROGRAMS, facts)


def _hidden_macro(context: Context) -> str | None:
    """A macro of libbpf's in the shown line that was not expanded: without its header it is no C.

    `int BPF_PROG(f, int a)` gives "expected identifier", SEC("xdp") "expected parameter declarator".
    """
    block = context.finding.block
    if context.finding.kind != "EXPECTED" or excerpt.macros(block):
        return None
    names = set(included(context))
    for word in excerpt.calls_around(block):
        row = declared.where(word)
        if row is not None and row.kind in ("macro", "constant") and row.header.startswith("bpf/"):
            return None if row.header in names else word
    return None


def _is_later(context: Context, name: str) -> bool:
    block = context.finding.block
    c = context.source.c(context.source.user_file) if context.source.user_file else None
    function = c.function(name) if c is not None else None
    return function is not None and block.line is not None and function.start > block.line
