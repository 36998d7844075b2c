"""Values of the model as JSON and back: data alone, so that reading it can do nothing but make such values.

A record is `{"r": name, "v": [fields]}`, a member of an enumeration `{"e": name, "v": member}`. Only
classes of bpfdoctor.model have names here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any

_MODULES = (
    "attach", "beside", "diagnosis", "edits", "failure", "picture", "remark", "report", "trace", "transcript",
    "trial", "walk",
)  # fmt: skip


class NotPlain(TypeError):
    """A value that is none of the model's."""


def written(value: object) -> str:
    """The value as a text. Raises NotPlain."""
    return json.dumps(_plain(value), separators=(",", ":"))


def read(text: str) -> Any:
    """The value of a text that `written` has made. Raises ValueError, TypeError, KeyError … for any other."""
    return _made(json.loads(text))


@cache
def _classes() -> dict[str, type]:
    found: dict[str, type] = {}
    for module in _MODULES:
        for name, each in vars(import_module(f"bpfdoctor.model.{module}")).items():
            if isinstance(each, type) and each.__module__ == f"bpfdoctor.model.{module}":
                found[f"{module}.{name}"] = each
    return found


@cache
def _names() -> dict[type, str]:
    return {each: name for name, each in _classes().items()}


def _plain(value: Any) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Enum):
        return {"e": _names()[type(value)], "v": value.name}
    kind = type(value)
    if kind is tuple:
        return {"t": [_plain(each) for each in value]}
    if kind is list:
        return [_plain(each) for each in value]
    if kind is frozenset:
        return {"f": sorted((_plain(each) for each in value), key=repr)}
    if kind is bytes:
        return {"b": value.hex()}
    if isinstance(value, Mapping):
        return {"m": [[_plain(key), _plain(each)] for key, each in value.items()]}
    if (name := _names().get(kind)) is None:
        raise NotPlain(kind.__name__)
    fields = _fields(kind)
    if fields is None:
        raise NotPlain(kind.__name__)
    return {"r": name, "v": [_plain(getattr(value, field)) for field in fields]}


def _fields(kind: type) -> tuple[str, ...] | None:
    return getattr(kind, "__dataclass_names__", None) or getattr(kind, "_fields", None)


def _made(plain: Any) -> Any:
    if isinstance(plain, list):
        return [_made(each) for each in plain]
    if not isinstance(plain, dict):
        return plain
    match plain:
        case {"r": name, "v": values}:
            kind = _classes()[name]
            fields = _fields(kind)
            if fields is None:
                raise ValueError(name)
            return kind(**dict(zip(fields, map(_made, values), strict=True)))
        case {"e": name, "v": member}:
            kind = _classes()[name]
            if not issubclass(kind, Enum):
                raise ValueError(name)
            return kind[member]
        case {"t": values}:
            return tuple(map(_made, values))
        case {"f": values}:
            return frozenset(map(_made, values))
        case {"b": text}:
            return bytes.fromhex(text)
        case {"m": pairs}:
            return {_made(key): _made(each) for key, each in pairs}
    raise ValueError("no value")
