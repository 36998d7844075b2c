"""How a value is written in a rule's sentences: the kinds of `{name:kind}`, and the names that all know."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bpfdoctor.analysis.context import Context
from bpfdoctor.analysis.lib import words
from bpfdoctor.analysis.lib.subjects import register_in
from bpfdoctor.kernel import helpers, registers
from bpfdoctor.model.record import dataclass
from bpfdoctor.model.report import Kernel, Program
from bpfdoctor.model.trace import Op, Step
from bpfdoctor.trace.digits import spelled

if TYPE_CHECKING:
    from bpfdoctor.analysis.lib.data_address import DataAddress


@dataclass(frozen=True, slots=True)
class Spelling:
    """`takes` are the names of the types it writes; `example` is `{name:kind}` of `given`, written."""

    takes: tuple[str, ...]
    write: Callable[[Any, Context], str]
    given: Any
    example: str


def _variable(value: str, context: Context) -> str:
    register = register_in(value)
    return (context.called(register) if register else None) or words.register(value)


def _argument(value: str, _: Context) -> str:
    return f"argument {value[1:]}" if value.startswith("r") else "this argument"


def _may_be_null(value: Step, _: Context) -> str:
    """Where a pointer comes from that may be NULL, and when it is."""
    if value.insn.op is not Op.CALL or not (callee := value.insn.callee):
        return "the pointer comes from here"
    nothing = "no such entry" if "lookup_elem" in callee else "no room" if "ringbuf" in callee else "none"
    return f"{callee} returns NULL when there is {nothing}"


def _states(value: tuple[int | None, int | None], _: Context) -> str:
    """What the statistics say; "" where the log has none."""
    states, most = value
    return f"; {states} states remembered, at most {most} for one instruction" if states and most else ""


def _object(value: DataAddress, _: Context) -> str:
    """`total`, `the variable`."""
    return value.name or ("the variable" if value.writable else "the constant")


def _used(value: DataAddress, _: Context) -> str:
    """`p, which is total, a global variable`; less where the refused line has its name, or no name."""
    kind = "a global variable" if value.writable else "a constant that lies in .rodata"
    if not value.name:
        return kind
    other = value.called if value.called != value.name else ""
    name = f"{other}, which is {value.name}" if other else value.name
    return f"{name}, {kind}" if value.writable else name


def _loader(value: DataAddress, _: Context) -> str:
    return value.loader


def _address(value: DataAddress, _: Context) -> str:
    return str(value.address)


def _wanted(value: str, _: Context) -> str:
    """What a call takes, and the list as it is printed."""
    return registers.expected(value) + (f" ({value})" if "," in value else "")


def _programs(value: Program | None, _: Context) -> str:
    return f"{value.type} programs" if value and value.type else "programs of this type"


def _a_program(value: Program | None, _: Context) -> str:
    return f"a program of type {value.type}" if value and value.type else "a program of this type"


def _this_kernel(value: Kernel | None, _: Context) -> str:
    return f"this kernel ({value.release})" if value else "this kernel"


def _capabilities(value: Kernel | None, _: Context) -> str:
    """Whose log this is may not be known, and then nothing is said of what that process may do."""
    if value is None:
        return "fewer capabilities than that, or a kernel that is locked down"
    if value.capabilities == "full":
        return "every capability: the machine refuses (kernel options, lockdown, an LSM, a container)"
    return f"capabilities: {value.capabilities}"


def _helper(value: int, _: Context) -> str:
    """The name after a number that the running kernel has none for."""
    known = helpers.by_id().get(value)
    if known is None:
        return f"helper number {value}"
    return f"{known.name} (helper number {value}, since Linux {known.since.removeprefix('v')})"


def _said(value: str, _: Context) -> str:
    return value.strip() or "something else"


def _map_refusal(value: str, _: Context) -> str:
    """What the reason for which no map was created says of the map."""
    if "nvalid" in value or "EINVAL" in value:
        return "a key size, value size, number of entries or flag that this type does not take"
    if any(word in value for word in ("emory", "ENOMEM", "E2BIG", "Argument list")):
        return "a map that is too large"
    return _said(value, _)


def _map_type(value: int, _: Context) -> str:
    from bpfdoctor.kernel import types

    known = types.maps().get(value)
    return f"BPF_MAP_TYPE_{known.name.upper()}" if known else f"{value}, which bpfdoctor does not know"


# What is known of every refusal, with its type. A value of this name in the message comes first.
ALWAYS: Mapping[str, tuple[str, Callable[[Context], Any]]] = {
    "program": ("Program", lambda context: context.raw.program),
    "kernel": ("Kernel", lambda context: context.raw.kernel),
}

KINDS: Mapping[str, Spelling] = {
    "": Spelling(("str", "int"), lambda v, _: v if isinstance(v, str) else spelled(v), 1 << 20, "0x100000"),
    "said": Spelling(("str",), _said, " ", "something else"),  # a message's rest, which may be empty
    "hex": Spelling(("int",), lambda v, _: hex(v), 141, "0x8d"),
    "helper": Spelling(("int",), _helper, 181, "bpf_loop (helper number 181, since Linux 5.17)"),
    "bytes": Spelling(("int",), lambda v, _: words.count(v, "byte"), 1, "1 byte"),
    "more_bytes": Spelling(("int",), lambda v, _: words.count(v, "more byte"), 4, "4 more bytes"),
    "register": Spelling(("str",), lambda v, _: words.register(v), "r1", "R1"),
    "variable": Spelling(
        ("str",), _variable, "*(R11-8)", "*(R11-8)"
    ),  # what the user calls it, else the register
    "argument": Spelling(("str",), _argument, "r2", "argument 2"),
    "extreme": Spelling(("str",), lambda v, _: {"min": "smallest", "max": "largest"}[v], "max", "largest"),
    "value": Spelling(
        ("RegState", "RegState | None"), lambda v, _: words.words(v) if v else "a number", None, ""
    ),
    "states": Spelling(("tuple",), _states, (20, 4), "; 20 states remembered, at most 4 for one instruction"),
    "may_be_null": Spelling(("Step | None",), _may_be_null, None, ""),
    "holds": Spelling(("str",), lambda v, _: registers.held(v), "fp", "the address of a local variable"),
    "takes": Spelling(
        ("str",), lambda v, _: registers.expected(v), "ctx", "the program's own context, unchanged"
    ),
    "wanted": Spelling(("str",), _wanted, "ctx", "the program's own context, unchanged"),
    "parts": Spelling(("tuple",), lambda v, _: words.unwritten(v), (), ""),
    "object": Spelling(("DataAddress | None",), _object, None, ""),
    "used": Spelling(("DataAddress | None",), _used, None, ""),
    "loader": Spelling(("DataAddress | None",), _loader, None, ""),
    "address": Spelling(("DataAddress | None",), _address, None, ""),
    "sum": Spelling(("tuple",), lambda v, _: " + ".join(map(str, v)), (64, 512), "64 + 512"),
    "any_of": Spelling(("tuple",), lambda v, _: words.listed(v), ("a", "b"), "a or b"),
    "programs": Spelling(("Program",), _programs, Program(type="xdp"), "xdp programs"),
    "a_program": Spelling(("Program",), _a_program, Program(), "a program of this type"),
    "this_kernel": Spelling(("Kernel",), _this_kernel, Kernel("6.12.0"), "this kernel (6.12.0)"),
    "capabilities": Spelling(
        ("Kernel",), _capabilities, Kernel("6.12.0", "bpf+net"), "capabilities: bpf+net"
    ),
    "map_refusal": Spelling(("str",), _map_refusal, "-E2BIG", "a map that is too large"),
    "map_type": Spelling(("int",), _map_type, 27, "BPF_MAP_TYPE_RINGBUF"),
    "all_of": Spelling(("tuple",), lambda v, _: words.listed(v, "and"), ("a", "b"), "a and b"),
}
