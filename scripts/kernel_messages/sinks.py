"""Finds every call that writes to a verifier log (or to the netlink answer of an attach) and its format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from scripts.kernel_messages import csource
from scripts.kernel_messages.csource import CSource
from scripts.kernel_messages.strings import Strings, Text


@dataclass(frozen=True, slots=True)
class Sink:
    """A function or macro that prints: the argument that is the format, what the macro puts around it."""

    format: int
    before: str = ""
    after: str = ""
    condition: int | None = None  # argument whose C text a macro prints: verifier_bug_if's
    via: str = "log"  # log | report (7.3's own) | netlink (extack)
    part: str = ""  # which section of 7.3's report
    stream: str = ""  # only calls with this first argument: fprintf's stderr


# Functions with a format; macros around them are found by themselves (see _macro_sinks).
FUNCTIONS = {
    "verbose": Sink(1),
    "bpf_verifier_log_write": Sink(1),
    "bpf_log": Sink(1),
    "verbose_linfo": Sink(2),
    "__btf_verifier_log": Sink(1),
    "btf_verifier_log": Sink(1),
    "__btf_verifier_log_type": Sink(3),
    "btf_verifier_log_type": Sink(2),
    "btf_verifier_log_basic": Sink(2),
    "btf_verifier_log_member": Sink(3),
    "btf_verifier_log_vsi": Sink(3),
    # 7.3's report: kernel/bpf/diagnostics.c
    "diag_write": Sink(1),
    "bpf_diag_header": Sink(2, via="report", part="problem"),
    "diag_reason": Sink(1, via="report", part="reason"),
    "bpf_diag_program_structure": Sink(4, via="report", part="reason"),
    "bpf_diag_call_arg_fmt": Sink(5, via="report", part="reason"),
    "bpf_diag_source": Sink(3, via="report", part="label"),
    "diag_suggestion": Sink(1, via="report", part="suggestion"),
    # what `ip link` and `tc` print when an attach is refused
    "NL_SET_ERR_MSG": Sink(1, via="netlink"),
    "NL_SET_ERR_MSG_FMT": Sink(1, via="netlink"),
    "NL_SET_ERR_MSG_MOD": Sink(1, via="netlink"),
    "NL_SET_ERR_MSG_FMT_MOD": Sink(1, via="netlink"),
    "NL_SET_ERR_MSG_WEAK": Sink(1, via="netlink"),
}
# The functions that only pass a format on; what they are called with is what counts.
WRAPPERS = frozenset(FUNCTIONS) | {"diag_vprint_indented", "btf_seq_show", "btf_snprintf_show"}
# In net/core/dev.c only XDP's attach messages are of interest
_NETLINK_FUNCTIONS = re.compile(r"xdp|bpf|prog", re.IGNORECASE)
# netlink prefixes its messages with the module's name
_MODULES = {"netronome": "nfp: ", "netdevsim": "netdevsim: "}


@dataclass(frozen=True, slots=True)
class Call:
    """One place that prints one format."""

    source: CSource
    node: Node
    name: str  # of the sink
    sink: Sink
    format: str
    arguments: tuple[Node, ...]
    arguments_source: CSource
    function: str

    @property
    def place(self) -> str:
        return f"{self.source.name}:{self.function}"


@dataclass(slots=True)
class Extraction:
    """All calls of one kernel, and what the extractor could not read: those lines are for a person."""

    calls: list[Call] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def extract(sources: list[CSource], functions: dict[str, Sink] = FUNCTIONS) -> Extraction:
    """Reads all files of one kernel, or of another program in C that prints through `functions`."""
    strings = Strings(sources)
    result = Extraction()
    shared = dict(functions)
    for source in sources:
        if source.name.endswith(".h"):
            shared.update(_macro_sinks(source, shared))
    for source in sources:
        # not `shared |=`: pr_vlog means something else in every driver
        sinks = shared | (_macro_sinks(source, shared) if not source.name.endswith(".h") else {})
        names = frozenset(sinks)
        seen = 0
        for name, sink in sinks.items():
            for node in source.calls.get(name, []):
                seen += 1
                result.calls.extend(_read(strings, source, name, sink, node, result.complaints))
        written = source.lexical_calls(names) - sum(name in names for name in source.declarators)
        if written != seen:
            result.complaints.append(f"{source.name}: {written} calls in the text, {seen} in the syntax tree")
        if functions is FUNCTIONS:
            result.complaints.extend(_unknown_wrappers(source, sinks))
            result.complaints.extend(_printing_macros(source, sinks))
    return result


def _read(
    strings: Strings, source: CSource, name: str, sink: Sink, node: Node, complaints: list[str]
) -> Iterator[Call]:
    definition = csource.enclosing(node, "function_definition")
    function = csource.function_name(source, definition) if definition is not None else "?"
    if sink.via == "netlink" and source.name.endswith("dev.c") and not _NETLINK_FUNCTIONS.search(function):
        return
    given = csource.arguments(node)
    if sink.stream and (not given or source.text(given[0]) != sink.stream):
        return
    if len(given) <= sink.format:
        if function not in WRAPPERS:
            complaints.append(f"{source.name}:{line(node)}: {name}() with {len(given)} arguments")
        return
    texts = strings.texts(source, given[sink.format])
    missing = source.text(given[sink.format])
    if (
        not texts and missing != "NULL" and function not in WRAPPERS
    ):  # NULL: only the BTF type itself is printed
        complaints.append(f"{source.name}:{line(node)}: {missing} is no format")
    before, after = sink.before, sink.after
    if sink.condition is not None:
        condition = " ".join(source.text(given[sink.condition]).split())
        after = after.replace("\0", condition)
    if sink.via == "netlink" and name.endswith("_MOD"):
        before += next((text for key, text in _MODULES.items() if key in source.name), "")
    for text in texts:
        filling = tuple(given[sink.format + 1 :]) + text.arguments
        home = text.source or source
        if text.format == "%s" and sink.via == "report" and filling:
            # a report's section that the caller worded: list what the caller says
            for inner in strings.texts(source, filling[0]):
                inner_home = inner.source or source
                yield Call(source, node, name, sink, inner.format, inner.arguments, inner_home, function)
            continue
        yield Call(source, node, name, sink, before + text.format + after, filling, home, function)


def line(node: Node) -> int:
    return node.start_point[0] + 1


_MACRO_CALL = re.compile(r"\b(\w+)\s*\(")


def _macro_sinks(source: CSource, known: dict[str, Sink]) -> dict[str, Sink]:
    """Function-like macros that end in a known sink.

    `#define pr_vlog(env, fmt, ...) bpf_verifier_log_write(env, "[nfp] " fmt, ##__VA_ARGS__)`
    """
    found: dict[str, Sink] = {}
    # verifier_bug_if stands before verifier_bug, which it calls: two rounds
    for node in source.function_macros * 2:
        name_node, names_node = node.child_by_field_name("name"), node.child_by_field_name("parameters")
        value = node.child_by_field_name("value")
        if name_node is None or names_node is None or value is None:
            continue
        name = source.text(name_node)
        if name in FUNCTIONS:
            continue
        names = re.findall(r"\w+", source.text(names_node))
        called = [name for name in _MACRO_CALL.findall(source.text(value)) if name in known or name in found]
        if not called:
            continue
        # `#cond` is no C expression; a name of our own stands for it
        body = re.sub(r"(?<!#)#(\w+)", r"TEXT_OF_\1", source.text(value).replace("\\\n", "\n")).replace(
            "##", ""
        )
        inner = CSource(source.name, f"void f(void) {{ {body}; }}".encode())
        for callee in called:
            base = known.get(callee) or found[callee]
            calls = inner.calls.get(callee, [])
            given = csource.arguments(calls[0]) if calls else []
            if len(given) > base.format:
                sink = _wrapped(inner, given[base.format], names, base)
                if sink is not None:
                    found[name] = sink
    return found


def _wrapped(inner: CSource, node: Node, names: list[str], base: Sink) -> Sink | None:
    """The sink a macro makes of `base` by writing `"before" fmt " (" #cond ")" "after"`."""
    parts = node.named_children if node.type == "concatenated_string" else [node]
    before, after, position, condition = "", "", None, base.condition
    for part in parts:
        text = csource.literal(inner, part) if part.type == "string_literal" else ""
        name = inner.text(part) if part.type == "identifier" else ""
        if name in names:
            position = names.index(name)
        elif name.startswith("TEXT_OF_") and name[8:] in names:
            condition, text = names.index(name[8:]), "\0"
        if position is None:
            before += text
        else:
            after += text
    if position is None:
        return None
    # the "%s" of verbose_a is its separator, not part of the message
    before = before.replace("%s", "")
    return Sink(position, base.before + before, after + base.after, condition, base.via, base.part, "")


def _unknown_wrappers(source: CSource, sinks: dict[str, Sink]) -> Iterator[str]:
    """Variadic functions that hand their format to the log and are not in FUNCTIONS: new sinks."""
    for name, node in source.functions.items():
        if name in WRAPPERS or "..." not in source.text(node)[:600]:
            continue
        for call in csource.descendants(node):
            if call.type != "call_expression":
                continue
            callee = call.child_by_field_name("function")
            called = source.text(callee) if callee is not None else ""
            if called == "bpf_verifier_vlog" or (
                called in sinks and "fmt" in map(source.text, csource.arguments(call))
            ):
                yield f"{source.name}: {name}() prints to the log and is not in sinks.FUNCTIONS"


def _printing_macros(source: CSource, sinks: dict[str, Sink]) -> Iterator[str]:
    """Macros with a message of their own: the extractor reads only those that pass a format on."""
    for node in source.function_macros:
        name_node, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name_node is None or value is None or source.text(name_node) in sinks:
            continue
        if any(name in sinks for name in _MACRO_CALL.findall(source.text(value))):
            yield f"{source.name}: the macro {source.text(name_node)}() has a message of its own"


def text_of(call: Call, argument: Node) -> str:
    """An argument's C, on one line."""
    return " ".join(call.arguments_source.text(argument).split())


__all__ = ["Call", "Extraction", "Sink", "Text", "extract", "line", "text_of"]
