"""Registers and stacks for the tests, written as kernels print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bpfdoctor.log.insn import parse_insn
from bpfdoctor.log.state import parse_state
from bpfdoctor.machine.state import INCOMPLETE, State
from bpfdoctor.model.trace import FrameState, Insn, RegState, StackSlot


def frame(text: str) -> FrameState:
    """ "R1=ctx() fp-8=7"; with a "+" after it something else may be there, too."""
    known = parse_state(text.removesuffix("+"))
    assert known is not None, text
    flags = {INCOMPLETE} if text.endswith("+") else set()
    return replace(known, flags=known.flags | flags)


def state(*frames: str) -> State:
    """One frame a text, outermost first."""
    return {number: replace(frame(text), frame=number) for number, text in enumerate(frames)}


def same(found: State, expected: State) -> bool:
    """Whether the same is known; which references are held is not part of it."""
    return _comparable(found) == _comparable(expected)


def _comparable(found: State) -> State:
    return {number: replace(each, refs=None, whole=False) for number, each in found.items()}


def reg(text: str) -> RegState:
    return frame(f"R1={text}").regs["r1"]


def regs(texts: Mapping[str, str]) -> dict[str, RegState]:
    """{"r1": "ctx()"}"""
    return {name: reg(text) for name, text in texts.items()}


def slots(texts: Mapping[int, str]) -> dict[int, StackSlot]:
    """{-8: "mmmmmmmm", -16: "ctx()"}"""
    return {off: frame(f"fp{off}={text}").stack[off] for off, text in texts.items()}


def insn(text: str, index: int = 7) -> Insn:
    found = parse_insn(index, text)
    assert found is not None, text
    return found
