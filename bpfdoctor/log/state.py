"""Reads register and stack states as the verifier prints them, of every kernel from 4.x to 7.x."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from bpfdoctor import grammar
from bpfdoctor.kernel.registers import MODIFIERS
from bpfdoctor.log.number import number
from bpfdoctor.machine.bits import signed, unsigned
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import FrameState, Id, Range, RegState, StackSlot, Tnum
from bpfdoctor.parser import Token
from bpfdoctor.pattern import later

# Words before a register type.
_FLAGS = tuple(f"{modifier}_" for modifier in MODIFIERS)

# How the bounds were called: 5.10, 6.1, and since 6.8.
_BOUNDS = {
    "smin_value": "smin", "smax_value": "smax", "umin_value": "umin", "umax_value": "umax",
    "s32_min_value": "smin32", "s32_max_value": "smax32",
    "u32_min_value": "umin32", "u32_max_value": "umax32",
    "s32_min": "smin32", "s32_max": "smax32", "u32_min": "umin32", "u32_max": "umax32",
    "smin": "smin", "smax": "smax", "umin": "umin", "umax": "umax",
    "smin32": "smin32", "smax32": "smax32", "umin32": "umin32", "umax32": "umax32",
    "min_value": "smin", "max_value": "umax",  # before 4.14
}  # fmt: skip
_NUMBERS = {"ks": "key_size", "vs": "value_size", "r": "checked", "sz": "mem_size", "parent_id": "parent_id",
            "ref_obj_id": "ref_id", "ref_id": "ref_id"}  # fmt: skip
_WIDTH = {"smin32": 32, "smax32": 32, "umin32": 32, "umax32": 32}
_EMPTY = Range()
_ID = later(r"(\d{1,20})([+-]\d{1,20})?")
# Numbers were called inv up to 5.17, and an absent id was printed: up to 5.16 all registers were.
_OLD_DIALECT = later(r"\bR\d+(?:_\w{1,8})?=inv|\(id=0[,)]")

Pairs = list[tuple[str, str]]


@lru_cache(maxsize=512)
def _kind(word: str) -> tuple[str, frozenset[str], bool, str | None]:
    """Takes "rcu_ptr_or_null_task_struct" apart: kind, flags, nullable, type name."""
    flags = set()
    while (prefix := next((f for f in _FLAGS if word.startswith(f)), None)) and word != prefix:
        flags.add(prefix[:-1])
        word = word.removeprefix(prefix)
    nullable = False
    if word.endswith("_or_null"):
        word, nullable = word.removesuffix("_or_null"), True
    type_name = None
    if word == "ptr" or word.startswith("ptr_"):
        type_name = word[4:]
        if type_name.startswith("or_null_"):
            type_name, nullable = type_name.removeprefix("or_null_"), True
        word, type_name = "ptr", type_name or None
    return word, frozenset(flags), nullable, type_name


def _range(bounds: dict[str, int], var_off: Tnum | None) -> Range:
    return Range(**bounds, var_off=var_off) if bounds or var_off else _EMPTY


def _tnum(text: str) -> Tnum:
    """ "(0x0; 0xff)" as printed after var_off=."""
    value, _, mask = text.strip("()").partition(";")
    return Tnum(unsigned(_hex(value.strip())), unsigned(_hex(mask.strip())))


def _hex(text: str) -> int:
    return number(text if "x" in text else f"0x{text}")


def _id(text: str) -> Id:
    """ "2", or "1+8": the number of 1 and 8 more."""
    parts = _ID.fullmatch(text)
    if parts is None:
        raise ValueError(text)
    return Id(int(parts[1]), int(parts[2] or 0))


def _register(kind: str, pairs: Pairs, **more: Any) -> RegState:
    """A RegState from its attributes; what is not understood stays in `attributes`."""
    fields: dict[str, Any] = {"kind": kind}
    bounds: dict[str, int] = {}
    var_off = None
    rest: Pairs = []
    off = imm = None
    for key, value in pairs:
        try:
            if (bound := _BOUNDS.get(key)) is not None:
                # Large ones are printed as unsigned hex (smin=0xffffffff80000000), 5.10 has u32_max_value=-1.
                convert = unsigned if bound.startswith("u") else signed
                bounds[bound] = convert(number(value), _WIDTH.get(bound, 64))
            elif key == "var_off":
                var_off = _tnum(value)
            elif (name := _NUMBERS.get(key)) is not None:
                fields[name] = signed(number(value))  # r=0xffffffffffffffff: at the packet's end, or past it
            elif key == "off":
                off = number(value)
            elif key == "imm":
                imm = value
            elif key == "id":
                if value != "0":  # up to 5.17 an absent id is printed too
                    fields["id"] = _id(value)
            elif key == "map":
                fields["map_name"] = value
            else:
                rest.append((key, value))
        except ValueError:
            rest.append((key, value))
    if off is not None or imm is not None:
        # Up to 6.7 off= is always there and imm= is bare hex; later both only when not zero, imm= a number.
        old = off == 0 or (off is not None and ("id", "0") in pairs)
        fields["off"] = (off or 0) + _immediate(imm, old)
    if bounds or var_off:
        fields["range"] = _range(bounds, var_off)
    if rest:
        fields["attributes"] = tuple(rest)
    fields.update(more)
    return RegState(**fields)


def _immediate(text: str | None, bare_hex: bool) -> int:
    if text is None:
        return 0
    for read in (_hex, number) if bare_hex else (number, _hex):
        try:
            return signed(read(text))
        except ValueError:
            continue
    return 0


class _ToState:
    """Builds a FrameState while a line is parsed."""

    def pairs(self, children: list[Token]) -> Pairs:
        *keys, value = children[0].split("=")  # smin=smin32=0: two names, one value
        return [(key, value) for key in keys]

    def word(self, children: list[Token]) -> Pairs:
        return [(str(children[0]), "")]

    def attributes(self, children: list[Pairs | None]) -> list[Pairs]:
        return [child for child in children if child is not None]

    bounds = attributes

    def constant(self, children: list[Any]) -> RegState:
        token, bounds = children
        value = signed(number(token.lstrip("P")))
        return _register("scalar", _flat(bounds), value=value, precise=token[0] == "P")

    def scalar_old(self, children: list[Any]) -> RegState:
        token, *groups = children
        value = token[3:].lstrip("P")
        constant = int(value) if value else None
        return _register("scalar", _flat(*groups), value=constant, precise="P" in token)

    def frame_pointer(self, children: list[Any]) -> RegState:
        token, *groups = children
        text = token.removeprefix("fp").partition(",")[0]  # fp0,call_-1: 4.16 to 5.2
        more: Pairs = []
        if text.startswith("["):  # fp[0]-8: a pointer into the stack of frame 0
            frame, _, text = text[1:].partition("]")
            more.append(("frame", frame))
        pairs = _flat(*groups)
        if text or not pairs:
            pairs = [*pairs, ("off", text or "0")]
        return _register("fp", [*pairs, *more])

    def bare(self, children: list[Any]) -> RegState:
        word, *groups = children
        precise = word.startswith("P")  # no register type starts with a capital
        kind, flags, nullable, type_name = _kind(str(word)[precise:])
        return _register(
            kind or "scalar", _flat(*groups),
            flags=flags, nullable=nullable, type_name=type_name, precise=precise,
        )  # fmt: skip

    described = bare

    def register(self, children: list[Any]) -> tuple[str, Any]:
        name, value = children
        return "r" + name[1:-1].partition("_")[0], value

    def slot(self, children: list[Any]) -> tuple[str, Any]:
        name, value = children
        offset = int(name[2:-1].partition("_")[0])
        return "slot", replace(value, offset=offset)

    def argument(self, children: list[Any]) -> tuple[str, Any]:
        return "flag", f"{children[0]}{children[1].kind}"

    def bytes(self, children: list[Token]) -> StackSlot:
        return StackSlot(0, str(children[0]))

    def partial(self, children: list[Any]) -> StackSlot:
        above, reg = children
        return StackSlot(0, str(above) + "r" * (8 - len(above)), reg)

    def spilled(self, children: list[RegState]) -> StackSlot:
        (reg,) = children
        if reg.kind != "dynptr_ptr" and (letter := _OBJECTS.get(reg.kind.partition("_")[0])):
            pairs = [("id", str(reg.id.number))] if reg.id else []
            pairs += [("ref_id", str(reg.ref_id))] if reg.ref_id else []
            pairs += [("parent_id", str(reg.parent_id))] if reg.parent_id else []
            return StackSlot(0, letter * 8, None, reg.kind, (*pairs, *reg.attributes))
        return StackSlot(0, "r" * 8, reg)

    def unnamed(self, _: list[Any]) -> StackSlot:
        """6.1 prints the type's name only, and that of a scalar is empty."""
        return StackSlot(0, "r" * 8, RegState("scalar"))

    def refs(self, children: list[Token]) -> tuple[str, Any]:
        return "refs", tuple(map(int, children[0][5:].split(",")))

    def flag(self, children: list[Token]) -> tuple[str, Any]:
        return "flag", str(children[0])

    def start(self, children: list[Any]) -> FrameState:
        frame, *items = children
        regs: dict[str, RegState] = {}
        stack: dict[int, StackSlot] = {}
        refs: tuple[int, ...] = ()
        flags = set()
        for name, value in items:
            if name == "slot":
                stack[value.offset] = value
                if value.object and value.object.startswith("dynptr_"):  # printed once, but 16 bytes long
                    stack[value.offset + 8] = replace(value, offset=value.offset + 8)
            elif name == "refs":
                refs = value
            elif name == "flag":
                flags.add(value)
            else:
                regs[name] = value
        if refs:
            regs = {name: _owned(reg, refs) for name, reg in regs.items()}
        return FrameState(int(frame[5:-1]) if frame else 0, regs, stack, refs, frozenset(flags))


_OBJECTS = {"dynptr": "d", "iter": "i"}


def _owned(reg: RegState, refs: tuple[int, ...]) -> RegState:
    """Since 7.2 a referenced object shows its own id or its parent's where ref_obj_id= stood."""
    if reg.ref_id is None:
        for owner in (reg.parent_id, reg.id.number if reg.id else None):
            if owner in refs:
                return replace(reg, ref_id=owner)
    return reg


def _flat(*groups: list[Pairs]) -> Pairs:
    return [pair for group in groups for pairs in group for pair in pairs]


@cache
def _parse() -> Any:
    return grammar.parser("state", transformer=_ToState).parse


# What a register holds is printed over and over; a longer item is too rare, and too large, to be kept.
_LONGEST_KEPT = 256
# A register, a slot, refs=…: what stands between spaces outside of parentheses.
_ITEM = later(r"(?:[^\s()]|\((?:[^()]|\([^()]*+\))*+\))++")


def parse_state(text: str) -> FrameState | None:
    """A state without "N:" or ";" in front; None when the text is none. An empty text is an empty state."""
    items = _ITEM.findall(text)
    if " ".join(items) != text:
        return at_once(text)
    parts = list[FrameState]()
    for item in items:
        part = _kept(item) if len(item) <= _LONGEST_KEPT else at_once(item)
        if part is None or (parts and item.startswith("frame")):
            return at_once(text)
        parts.append(part)
    return parts[0] if len(parts) == 1 else _joined(parts)


def _joined(parts: Sequence[FrameState]) -> FrameState:
    """One state of those of its items."""
    regs: dict[str, RegState] = {}
    stack: dict[int, StackSlot] = {}
    refs: tuple[int, ...] = ()
    flags = set[str]()
    for part in parts:
        regs.update(part.regs)
        stack.update(part.stack)
        refs = part.refs or refs
        flags.update(part.flags)
    if refs:
        regs = {name: _owned(reg, refs) for name, reg in regs.items()}
    whole = any(part.whole for part in parts)
    return FrameState(parts[0].frame if parts else 0, regs, stack, refs, frozenset(flags), whole)


@lru_cache(maxsize=4096)
def _kept(text: str) -> FrameState | None:
    return at_once(text)


def at_once(text: str) -> FrameState | None:
    """What parse_state gives, without looking at its items first."""
    try:
        state: FrameState = _parse()(text)
        if _OLD_DIALECT.search(text):
            state = replace(state, whole=True)
    except ValueError:
        return None
    return state
