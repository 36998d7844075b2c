"""The values' `dataclass` keeps what the standard library's promises."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import FrozenInstanceError
from typing import ClassVar

import pytest

from bpfdoctor.model.record import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Ours:
    """A value."""

    a: int
    b: str = "b"
    c: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Longer(Ours):
    """A value with one field more."""

    d: tuple[int, ...] = ()


def test_values_are_filled_from_arguments_and_defaults() -> None:
    value = Longer(1, d=(2,))
    assert (value.a, value.b, value.c, value.d) == (1, "b", {}, (2,))
    assert Ours(1).c is not Ours(1).c
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'a'"):
        Ours()  # type: ignore[call-arg]


def test_equal_means_same_class_and_same_values() -> None:
    assert Ours(1) == Ours(1) != Ours(2)
    assert Ours(1) != Longer(1)
    assert hash(Plain(1)) == hash(Plain(1))
    assert len({Plain(1), Plain(1), Plain(2)}) == 2


def test_nothing_can_be_changed() -> None:
    value = Ours(1)
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'a'"):
        value.a = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="cannot delete field 'a'"):
        del value.a
    assert not hasattr(value, "__dict__")


def test_it_prints_as_the_standard_one() -> None:
    assert repr(Longer(1)) == "Longer(a=1, b='b', c={}, d=())"


def test_the_standard_functions_take_it() -> None:
    value = Longer(1, "x", {"y": 1}, (2,))
    assert replace(value, a=2) == Longer(2, "x", {"y": 1}, (2,))
    assert dataclasses.replace(value, a=2) == Longer(2, "x", {"y": 1}, (2,))
    assert dataclasses.asdict(value) == {"a": 1, "b": "x", "c": {"y": 1}, "d": (2,)}
    assert [each.name for each in dataclasses.fields(value)] == ["a", "b", "c", "d"]
    assert pickle.loads(pickle.dumps(value)) == value
    assert copy.deepcopy(value) == value
    match value:
        case Longer(a, b):
            assert (a, b) == (1, "x")


@dataclass(frozen=True, slots=True)
class Plain:
    """One field."""

    a: int


@dataclass(slots=True)
class Counter:
    """What counts, so that it changes."""

    count: int = 0
    seen: list[int] = field(default_factory=list)


def test_what_is_not_frozen_changes_and_has_no_hash() -> None:
    counter = Counter()
    counter.count += 1
    counter.seen.append(7)
    assert counter == Counter(1, [7]) != Counter()
    with pytest.raises(TypeError, match="unhashable"):
        hash(counter)
    with pytest.raises(AttributeError):
        counter.others = 1  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Its fields have names, in whatever order."""

    a: int = 0
    b: str


def test_fields_that_must_be_named() -> None:
    assert Named(b="x") == Named(a=0, b="x")
    with pytest.raises(TypeError, match="positional"):
        Named("x")  # type: ignore[call-arg, arg-type]


def test_what_it_cannot_do_is_refused() -> None:
    with pytest.raises(TypeError, match="slots"):
        dataclass(frozen=True, slots=False)
    with pytest.raises(TypeError, match="unexpected keyword argument 'repr'"):
        field(repr=False)
    with pytest.raises(TypeError, match=r"take `field` from bpfdoctor\.model\.record"):

        @dataclass(frozen=True, slots=True)
        class Standard:
            a: dict[str, int] = dataclasses.field(default_factory=dict)

    with pytest.raises(TypeError, match="needs the standard dataclass"):

        @dataclass(frozen=True, slots=True)
        class Shared:
            a: ClassVar[int] = 1
