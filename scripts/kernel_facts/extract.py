"""What one kernel's sources say of its helpers, kfuncs, program types and map types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bpfdoctor.formats.c_text import without_comments

Facts = dict[str, dict[str, Any]]  # name -> what is said of it; what is false is left out
UAPI = "include/uapi/linux/bpf.h"
TYPES = "include/linux/bpf_types.h"
VERIFIER = "kernel/bpf/verifier.c"
SYSCALL = "kernel/bpf/syscall.c"
XDP = "include/net/xdp.h"
CAPABILITY = "include/uapi/linux/capability.h"
LOG = "kernel/bpf/log.c"
# For the kernel's own tests: no program of a user calls what is in it.
_TEST_FILE, _TEST_KFUNC = "net/bpf/test_run.c", "bpf_modify_return_test_tp"

_PROTO = re.compile(r"\bstruct\s+bpf_func_proto\s+(\w+)(?:\s+__weak)?\s*=\s*\{(.*?)\};", re.DOTALL)
_FIELD = re.compile(r"\.(\w+)\s*=\s*([^,}]+?)\s*(?:,|\Z)", re.DOTALL)
_CASES = re.compile(r"((?:case\s+BPF_FUNC_\w+:\s*)+)(.*?)(?=\bcase\s|\bdefault:|\n\})", re.DOTALL)
# Sets of functions whose return value a program may change (fmodret) look like sets of kfuncs.
_SET = re.compile(
    r"\bBTF_(?:KFUNCS|SET8)_START\((?!\w*fmodret)\w+\)(.*?)\bBTF_(?:KFUNCS|SET8)_END", re.DOTALL
)
_KFUNC = re.compile(r"\bBTF_ID_FLAGS\s*\(\s*func\s*,\s*(\w+)\s*(?:,([^)]*))?\)")
_METADATA = re.compile(r"\bXDP_METADATA_KFUNC\([\s\\]*XDP\w+,[\s\\]*\w+,[\s\\]*(\w+)")
_DEFINE = re.compile(r"#\s*define\b[^\n]*")
_TYPE = re.compile(r"#\s*(ifdef|ifndef|if|endif)\b(.*)|BPF_(PROG|MAP)_TYPE\(BPF_\w+?_TYPE_(\w+)")


class Source:
    """The C files of one kernel that matter here, by their path in the tree, without comments."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = {path: without_comments(text) for path, text in texts.items()}

    def body(self, path: str, function: str) -> str:
        """The body of a function, "" when there is none: of the first of that name that is no declaration."""
        head = rf"\b{function}\s*\([^;{{]*\)\s*\n\{{\n(.*?)\n\}}"
        found = re.search(head, self.texts.get(path, ""), re.DOTALL)
        return found[1] if found else ""

    def enum(self, name: str) -> Iterator[tuple[str, int]]:
        """(constant, value) of an enumeration of the programs' interface; those with a name of their own."""
        found = re.search(rf"\benum\s+{name}\s*\{{(.*?)\}}", self.texts[UAPI], re.DOTALL)
        value = 0
        for constant, given in re.findall(r"(\w+)\s*(?:=\s*(\w+))?\s*(?:,|\Z)", found[1] if found else ""):
            if given and not given.isdigit():
                continue  # another name for a constant
            value = int(given) if given else value
            if not constant.startswith("__"):
                yield constant, value
            value += 1


def helpers(source: Source) -> Facts:
    """`args` and `returns` are the kernel's words without ARG_ and RET_.

    gpl, sleeps and acquires are "always", or "depends" where it is so for some program types or maps only;
    `releases` is the argument that is released, counted from 1.
    """
    protos, given = dict(_protos(source)), _given(source)
    functions: dict[str, set[str]] = {}
    facts: Facts = {}
    acquires, releases = _acquires(source), _functions(source.body(VERIFIER, "is_release_function"))
    for name, number in _ids(source):
        used = [each for each in sorted(given.get(name, set()) | {f"bpf_{name}_proto"}) if each in protos]
        main = f"bpf_{name}_proto" if f"bpf_{name}_proto" in used else used[0]
        forms = [protos[each][1] for each in used]
        for form in forms:
            functions.setdefault(form.get("func", ""), set()).add(name)
        args = list(_arguments(forms))
        owner = [at for at, arg in enumerate(args, 1) if "OBJ_RELEASE" in arg] or [int(name in releases)]
        facts[f"bpf_{name}"] = _true(
            id=number,
            args=args,
            returns=_kind(protos[main][1].get("ret_type", "")),
            gpl=_how_often("gpl_only", forms),
            sleeps=_how_often("might_sleep", forms),
            acquires=acquires.get(name),
            releases=owner[0],
            source=protos[main][0],
        )
    moving = source.body("net/core/filter.c", "bpf_helper_changes_pkt_data")
    by_pointer = re.findall(r"func == (\w+)", moving)  # up to 6.12
    for name in _functions(moving).union(*(functions.get(each, ()) for each in by_pointer)):
        facts[f"bpf_{name}"]["moves_packet"] = True
    return facts


def _ids(source: Source) -> Iterator[tuple[str, int]]:
    """(name, number) of every helper. Up to 6.0 a helper's number is its place in the list."""
    text = source.texts[UAPI]
    start = text.index("FN(unspec")
    listed = re.findall(r"\bFN\((\w+)(?:\s*,\s*(\d+))?", text[start : text.index("\n\n", start)])
    for at, (name, number) in enumerate(listed):
        if at:
            yield name, int(number or at)


def _protos(source: Source) -> Iterator[tuple[str, tuple[str, dict[str, str]]]]:
    """(name, (file, its fields)) of every struct bpf_func_proto."""
    for path, text in source.texts.items():
        for name, fields in _PROTO.findall(text):
            yield name, (path, {key: " ".join(value.split()) for key, value in _FIELD.findall(fields)})


def _given(source: Source) -> dict[str, set[str]]:
    """Which of them the program types get for a helper."""
    found: dict[str, set[str]] = {}
    for path, text in source.texts.items():
        for names, answer in _CASES.findall(text) if path.endswith(".c") else ():
            protos = set(re.findall(r"&(\w+_proto\w*)", answer))
            # return bpf_get_trace_printk_proto();
            protos |= {f"bpf_{each}" for each in re.findall(r"return\s+bpf_get_(\w+_proto)\(\)", answer)}
            for name in _functions(names):
                found.setdefault(name, set()).update(protos)
    return found


def _functions(text: str) -> set[str]:
    return set(re.findall(r"\bBPF_FUNC_(\w+)", text))


def _arguments(forms: list[dict[str, str]]) -> Iterator[str]:
    """The kind of each argument; "A or B" where program types differ."""
    count = max(
        (int(key[3]) for form in forms for key in form if re.fullmatch(r"arg\d_type", key)), default=0
    )
    for at in range(1, count + 1):
        kinds = (_kind(form.get(f"arg{at}_type", "")) for form in forms)
        yield " or ".join(dict.fromkeys(kind for kind in kinds if kind))


def _kind(words: str) -> str:
    return re.sub(r"\b(?:ARG|RET)_", "", words).replace(" ", "")


def _how_often(field: str, forms: list[dict[str, str]]) -> str | None:
    said = [form.get(field) == "true" for form in forms]
    return "always" if all(said) else "depends" if any(said) else None


def _acquires(source: Source) -> dict[str, str]:
    found: dict[str, str] = {}
    for condition in source.body(VERIFIER, "is_acquire_function").split("return true")[:-1]:
        often = "depends" if "map_type ==" in condition else "always"
        found.update(dict.fromkeys(_functions(condition), often))
    return found


def kfuncs(source: Source) -> Facts:
    """`flags` are the kernel's words without KF_, in its order."""
    facts: Facts = {name: {"source": XDP} for name in _METADATA.findall(source.texts.get(XDP, ""))}
    for path, text in source.texts.items():
        for inside in _SET.findall(text) if path != _TEST_FILE else ():
            for name, flags in _KFUNC.findall(_DEFINE.sub("", inside)):
                known = facts.setdefault(name, {"source": path})
                words = re.findall(r"\bKF_(\w+)", flags)
                known["flags"] = list(dict.fromkeys([*known.get("flags", ()), *words]))
    facts.pop(_TEST_KFUNC, None)
    for function in ("is_kfunc_pkt_changing", "bpf_is_kfunc_pkt_changing"):
        for name in re.findall(r"special_kfunc_list\[KF_(\w+)\]", source.body(VERIFIER, function)):
            facts[name]["moves_packet"] = True
    return {name: _true(**fact) for name, fact in facts.items()}


def program_types(source: Source) -> Facts:
    """`config` is the option without which a kernel has no such programs, `needs` rights beside CAP_BPF."""
    configs = dict(_configs(source, "PROG"))
    rights = {
        right: source.body(SYSCALL, function).partition("return true")[0]  # cases of `return false` follow
        for right, function in (
            ("CAP_PERFMON", "is_perfmon_prog_type"),
            ("CAP_NET_ADMIN", "is_net_admin_prog_type"),
        )
    }
    return {
        name: _true(
            id=number,
            config=configs.get(name),
            needs=[right for right, body in rights.items() if f"BPF_PROG_TYPE_{name.upper()}:" in body],
        )
        for name, number in _types(source, "bpf_prog_type", "BPF_PROG_TYPE_")
    }


def map_types(source: Source) -> Facts:
    """`config` as for programs."""
    configs = dict(_configs(source, "MAP"))
    found = _types(source, "bpf_map_type", "BPF_MAP_TYPE_")
    return {name: _true(id=number, config=configs.get(name)) for name, number in found}


def _types(source: Source, enum: str, prefix: str) -> Iterator[tuple[str, int]]:
    """Names in lower case, as libbpf prints them."""
    for constant, number in source.enum(enum):
        if number:
            yield constant.removeprefix(prefix).removesuffix("_DEPRECATED").lower(), number


def _configs(source: Source, kind: str) -> Iterator[tuple[str, str]]:
    """(type, option) of the types between #ifdef and #endif: the innermost option that is asked for."""
    options: list[str] = []
    for line in source.texts[TYPES].splitlines():
        if (found := _TYPE.match(line.strip())) is None:
            continue
        directive, rest, of, name = found.groups()
        if directive in ("ifdef", "if", "ifndef"):
            asked = re.search(r"CONFIG_\w+", rest) if directive != "ifndef" else None
            options.append(asked[0] if asked else "")
        elif directive == "endif" and options:
            options.pop()
        elif of == kind and any(options):
            yield name.removesuffix("_DEPRECATED").lower(), next(each for each in reversed(options) if each)


def _true(**facts: Any) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if value}


def register_kinds(source: Source) -> Facts:
    """The verifier's words for what a register holds, without those for "or NULL"; `type` is its own name."""
    facts: Facts = {}
    for path in (LOG, VERIFIER):  # since 6.2, and before
        table = re.search(r"\[NOT_INIT\]\s*=.*?\};", source.texts.get(path, ""), re.DOTALL)
        for kind, word in re.findall(r"\[(\w+)\]\s*=\s*\"([^\"]*)\"", table[0] if table else ""):
            bare = re.sub(r"_or_null_?$", "", word).rstrip("_")
            facts.setdefault(bare, {"type": kind.removesuffix("_OR_NULL")})
        if facts:
            return facts
    return facts


def capabilities(source: Source) -> Facts:
    """The capabilities of a process, by the kernel's names without CAP_."""
    found = re.findall(r"#define\s+CAP_(\w+)\s+(\d+)", source.texts.get(CAPABILITY, ""))
    return {name: {"id": int(number)} for name, number in found}


KINDS = {
    "helpers": helpers,
    "kfuncs": kfuncs,
    "program_types": program_types,
    "map_types": map_types,
    "register_kinds": register_kinds,
    "capabilities": capabilities,
}


def everything(texts: Iterable[tuple[str, str]]) -> dict[str, Facts]:
    """All facts of one kernel: by kind, then by name."""
    source = Source(dict(texts))
    return {kind: read(source) for kind, read in KINDS.items()}
