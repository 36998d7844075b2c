"""Says what fills the `%s` and `%c` of a format: a kind of word (reg, map, …) or the very words it can be."""

from __future__ import annotations

import re

from scripts.kernel_messages.sinks import Call, text_of
from scripts.kernel_messages.strings import Strings

CONVERSION = re.compile(r"%(?:%|([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?(?:hh|h|ll|l|z|t|j)?([a-zA-Z]))")

# C expression -> kind of word. The kinds with words of their own are in words.py.
_KINDS: tuple[tuple[str, str], ...] = (
    (r"\b(reg_arg_name|argno_name)\b|^(reg_name|arg_name|\w+_arg)$", "reg"),
    (r"\breg_type_str\b", "reg_type"),
    (r"\bbtf_type_str\b|\bbtf_kind_str\b", "btf_kind"),
    (r"\bbtf_field_type_name\b", "field"),
    (r"\bdynptr_type_str\b", "dynptr_type"),
    (r"\biter_state_str\b", "iter_state"),
    (r"\biter_type_str\b", "iter_type"),
    (r"\bbpf_diag_reg_type_plain\b", "plain_type"),
    (r"\bfunc_id_name\b|\bfunc_name_by_id\b", "helper"),
    (r"\bdiag_context_name\b|\bnon_sleepable_context\w*", "context"),
    (r"\bfunc_name\b|\bmeta.*name$|kfunc\.name|^kfunc_name|kernel_func", "kfunc"),
    (r"subprog_name|\bsub_?name\b|prog_name|fn\d|tgt_name|sym_name|tname.*func|fmt_subprog", "func"),
    (r"map(_ptr)?->name|map_name", "map"),
    (r"tn_buf|tnum", "tnum"),
    (r"_alu_string|\bop_name\b", "operator"),
    (r"mname|member_name|mtrue_end", "member"),
    (
        r"tname|type_name|btf_name_by_offset|btf_type_name|struct_name|__btf_name|name_by_offset|targ_name|^s\d$",
        "type",
    ),
    (r"^__func__$", "c_function"),
    (r"file|fname", "file"),
    (r"callchain", "callchain"),
)
_COMPILED = tuple((re.compile(pattern), kind) for pattern, kind in _KINDS)
# Placeholders of the kernel for "no name": true, but no use as an example
_NO_NAME = {"", "unknown", "(anon)", "(invalid-name-offset)", "<unknown>", "?", "UNKNOWN", "(null)"}


def fillings(strings: Strings, call: Call) -> list[str | list[str]]:
    """One entry for each `%s` and `%c` of the call's format, in order."""
    found: list[str | list[str]] = []
    position = 0
    for match in CONVERSION.finditer(call.format):
        if match[0] == "%%":
            continue
        position += (match[2] == "*") + (match[3] == "*")
        argument = call.arguments[position] if position < len(call.arguments) else None
        position += 1
        if match[4] not in "sc":
            continue
        if argument is None:
            found.append("name")
            continue
        if match[4] == "c":
            found.append(sorted(set(re.findall(r"'(.)'", text_of(call, argument)))) or "letter")
            continue
        expression = text_of(call, argument)
        if expression == "prog_name" and call.source.name.endswith("relo_core.c"):
            found.append([""])  # the kernel has no name to print there: "prog '': relo #0: …"
            continue
        # what a variable was set from says more than its name
        candidates = [*strings.origins(call.arguments_source, argument), expression]
        named = next((kind for text in candidates for pattern, kind in _COMPILED if pattern.search(text)), "")
        words = [] if named else strings.words(call.arguments_source, argument)
        useful = sorted(set(words) - _NO_NAME)
        if useful:
            # "" is kept only beside real words: an optional part
            found.append(([""] if "" in words else []) + useful)
        else:
            found.append(named or "name")
    return found
