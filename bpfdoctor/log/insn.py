"""Reads one instruction as the kernel's disassembler prints it."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from bpfdoctor import grammar
from bpfdoctor.kernel import helpers
from bpfdoctor.log.number import number
from bpfdoctor.machine.bits import signed
from bpfdoctor.model.record import replace
from bpfdoctor.model.trace import CalleeKind, Insn, Op
from bpfdoctor.parser import Token

# Helpers are numbered 1..211 and no more are added; what a kfunc shows is its BTF id, in the ten thousands.
_LAST_HELPER = 1000
_LONGEST = 512  # a helper's name has at most 128 characters


def _reg(token: Token) -> tuple[str, int]:
    """The 64-bit name and the width: w3 -> ("r3", 32)."""
    return "r" + token[1:], 32 if token[0] == "w" else 64


def _operand(token: Token) -> dict[str, Any]:
    return {"src": _reg(token)[0]} if token.type == "REG" else {"imm": number(token)}


def _insn(op: Op, **fields: Any) -> Insn:
    return Insn(0, "", op, **fields)


Address = dict[str, Any]


class _ToInsn:
    """Builds an Insn while a line is parsed; index, text and opcode are filled in by whoever knows them."""

    def move(self, children: list[Token]) -> Insn:
        dst, width = _reg(children[0])
        return _insn(Op.MOVE, dst=dst, width=width, operator="=", **_operand(children[1]))

    def cast(self, children: list[Token]) -> Insn:
        target, kind, source = children
        dst, width = _reg(target)
        return _insn(Op.MOVE, dst=dst, width=width, operator=kind[1:-1], src=_reg(source)[0])

    def negate(self, children: list[Token]) -> Insn:
        dst, width = _reg(children[0])
        return _insn(Op.ALU, dst=dst, width=width, operator="-", src="r" + children[1][2:])

    def swap(self, children: list[Token]) -> Insn:
        dst, width = _reg(children[0])
        return _insn(Op.ALU, dst=dst, width=width, operator=str(children[1]), src=_reg(children[2])[0])

    def address_cast(self, children: list[Token]) -> Insn:
        return _insn(Op.MOVE, dst=_reg(children[0])[0], src=_reg(children[1])[0], operator="addr_space_cast")

    def percpu(self, children: list[Token]) -> Insn:
        return _insn(Op.MOVE, dst=_reg(children[0])[0], src=_reg(children[1])[0], operator="percpu")

    def memory(self, children: list[Token]) -> Address:
        size, base, offset = children
        base_name, _ = _reg(base)
        return {"base": base_name, "off": int(offset), "size": int(size[1:]) // 8, "signed": size[0] == "s"}

    memory_arg = memory

    def packet(self, children: list[Token | None]) -> Address:
        size, base, offset = children
        assert size is not None and offset is not None
        return {"base": base and _reg(base)[0], "off": number(offset), "size": int(size[1:]) // 8}

    def load(self, children: list[Any]) -> Insn:
        dst, width = _reg(children[0])
        address = children[1]
        operator = f"s{address['size'] * 8}" if address["signed"] else None
        return _insn(Op.LOAD, dst=dst, width=width, operator=operator, src=address["base"], **_at(address))

    def load_packet(self, children: list[Any]) -> Insn:
        return _insn(Op.LOAD, dst="r0", operator="skb", src=children[1]["base"], **_at(children[1]))

    def load_acquire(self, children: list[Any]) -> Insn:
        _, target, address = children
        return _insn(Op.LOAD, dst=_reg(target)[0], operator="acquire", src=address["base"], **_at(address))

    def fetch(self, children: list[Any]) -> Insn:
        _, _, name, address, first, second = children
        operator = name.rstrip("(").removeprefix("atomic").removeprefix("64").removeprefix("_")
        return _atomic(address, operator, second or first)

    def lock(self, children: list[Any]) -> Insn:
        _, address, operator, source = children
        return _atomic(address, str(operator), source)

    def store(self, children: list[Any]) -> Insn:
        address, value = children
        return _insn(Op.STORE, dst=address["base"], **_at(address), **_operand(value))

    def store_release(self, children: list[Any]) -> Insn:
        _, address, value = children
        return _insn(Op.STORE, dst=address["base"], operator="release", **_at(address), **_operand(value))

    def alu(self, children: list[Token]) -> Insn:
        dst, width = _reg(children[0])
        return _insn(Op.ALU, dst=dst, width=width, operator=str(children[1]), **_operand(children[2]))

    def branch(self, children: list[Token]) -> Insn:
        left, operator, right, _, way = children
        dst, width = _reg(left)
        operand = _operand(right)
        if "imm" in operand:  # printed with %x: 0xfffffff0 is -16
            operand["imm"] = signed(operand["imm"], 32)
        return _insn(Op.BRANCH, dst=dst, width=width, operator=str(operator), target=int(way[2:]), **operand)

    def jump(self, children: list[Token]) -> Insn:
        return _insn(Op.GOTO, operator=str(children[0]), target=int(children[1][2:]))

    def jump_table(self, children: list[Token]) -> Insn:
        return _insn(Op.GOTO, operator="gotox", src=_reg(children[0])[0])

    def call_local(self, children: list[Token]) -> Insn:
        way = children[0]
        return _insn(Op.CALL, callee=str(way), callee_kind=CalleeKind.SUBPROG, target=int(way[2:]))

    def call(self, children: list[Token]) -> Insn:
        name, _, tail = str(children[0]).partition("#")
        callee_id = int(tail) if tail else None
        if name.isdecimal():  # before Linux 4.10 a helper's number alone: call 4
            helper = helpers.by_id().get(int(name[:9]))
            name, callee_id = (helper.name, helper.id) if helper else (name, None)
        if name == "unknown" or callee_id is None:
            kind = CalleeKind.UNKNOWN
        else:
            kind = CalleeKind.HELPER if 0 <= callee_id < _LAST_HELPER else CalleeKind.KFUNC
        return _insn(Op.CALL, callee=name, callee_id=callee_id, callee_kind=kind)

    def call_register(self, children: list[Token]) -> Insn:
        return _insn(Op.CALL, callee="callx", callee_kind=CalleeKind.UNKNOWN, src=_reg(children[0])[0])

    def leave(self, _: list[Token]) -> Insn:
        return _insn(Op.EXIT)

    def nospec(self, _: list[Token]) -> Insn:
        return _insn(Op.OTHER)

    def strange(self, _: list[Token]) -> Insn:
        return _insn(Op.OTHER)

    def start(self, children: list[Any]) -> Insn:
        opcode, insn = children
        found: Insn = replace(insn, opcode=int(opcode[1:-1], 16))
        return found


def _at(address: Address) -> dict[str, int]:
    return {"off": address["off"], "size": address["size"]}


def _atomic(address: Address, operator: str, source: Token) -> Insn:
    return _insn(Op.ATOMIC, dst=address["base"], operator=operator, src=_reg(source)[0], **_at(address))


@cache
def _parse() -> Any:
    return grammar.parser("insn", transformer=_ToInsn).parse


def _body(text: str) -> Insn | None:
    """The instruction without its index; `target` is still relative to the next instruction."""
    try:
        insn: Insn = _parse()(text)
    except ValueError:
        return None
    return replace(insn, text=text[5:] if insn.opcode is not None else text)


@lru_cache(maxsize=8192)  # the verifier walks the same instructions over and over
def parse_insn(index: int, text: str) -> Insn | None:
    """The instruction number `index` from "(b7) r1 = 0"; None when the text is none."""
    insn = _body(text.strip()) if len(text) <= _LONGEST else None
    if insn is None:
        return None
    target = insn.target
    return replace(insn, index=index, target=None if target is None else index + 1 + target)
