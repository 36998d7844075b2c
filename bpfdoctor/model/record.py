"""`dataclass`, `field` and `replace` for the values, at a fifth of the standard library's price.

Most of what `bpfdoctor log` does with a small log is starting; the standard decorator was a third of that:
it imports `inspect`, and writes and compiles six methods for each of a hundred classes. Here classes share
their methods but for `__init__`, which is compiled when a class makes its first value. What it cannot do, it
refuses; `dataclasses.fields`, `dataclasses.replace` and `match` take these classes as their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ("dataclass", "field", "replace")

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    from operator import attrgetter

    _NO_DEFAULT = object()

    class _Made:
        """A default that is made anew for each value."""

        def __init__(self, make):
            self.make = make

    def field(*, default_factory):
        """`dataclasses.field(default_factory=…)`, and nothing else."""
        return _Made(default_factory)

    def replace(value, /, **changes):
        """A copy of the value with other fields; of any dataclass."""
        for name in getattr(value, "__dataclass_names__", ()) or value.__dataclass_fields__:
            if name not in changes:
                changes[name] = getattr(value, name)
        return type(value)(**changes)

    def dataclass(*, slots, frozen=False, kw_only=False):
        """`dataclasses.dataclass(slots=True)`, also with frozen and kw_only, and nothing else."""
        if not slots:
            raise TypeError("values have slots")
        return lambda cls: _record(cls, frozen, kw_only)

    def _record(cls, frozen, kw_only):
        inherited = getattr(cls, "__dataclass_defaults__", {})
        fields = dict(inherited)
        body = dict(cls.__dict__)
        own = body.get("__annotations__", {})
        for name in own:
            default = body.pop(name, _NO_DEFAULT)
            if type(default).__name__ == "Field":
                raise TypeError(f"{cls.__name__}.{name}: take `field` from {__name__}")
            fields[name] = default
        if hasattr(cls, "__post_init__") or any("ClassVar" in kind for kind in own.values()):
            raise TypeError(f"{cls.__name__} needs the standard dataclass")
        for name in ("__dict__", "__weakref__"):
            body.pop(name, None)
        names = tuple(fields)
        shared = _FROZEN if frozen else _CHANGING
        body = {
            **shared,
            **body,
            "__slots__": tuple(name for name in own if name not in inherited),
            "__match_args__": () if kw_only else names,
            "__dataclass_names__": names,
            "__dataclass_defaults__": fields,
            "__dataclass_fields__": _StandardFields(),
            "_values": property(attrgetter(*names) if names else lambda self: ()),
        }
        made = type(cls)(cls.__name__, cls.__bases__, body)

        def first(self, *values, **named):
            made.__init__ = _init_of(made, fields, kw_only)
            made.__init__(self, *values, **named)

        made.__init__ = first
        return made

    def _init_of(cls, fields, kw_only):
        """An `__init__` that fills the slots, which `__setattr__` would refuse."""
        known = {"NO_DEFAULT": _NO_DEFAULT}
        parameters, body = ["self", "*"] if kw_only and fields else ["self"], []
        for name, default in fields.items():
            value = name
            known[f"set_{name}"] = getattr(cls, name).__set__
            if default is _NO_DEFAULT:
                parameters.append(name)
            elif isinstance(default, _Made):
                known[f"new_{name}"] = default.make
                parameters.append(f"{name}=NO_DEFAULT")
                value = f"new_{name}() if {name} is NO_DEFAULT else {name}"
            else:
                known[f"default_{name}"] = default
                parameters.append(f"{name}=default_{name}")
            body.append(f"    set_{name}(self, {value})\n")
        exec(f"def __init__({', '.join(parameters)}):\n{''.join(body) or '    pass'}", known)  # noqa: S102
        known["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
        return known["__init__"]

    class _StandardFields:
        """What `dataclasses.fields` and its like look for, made when they do."""

        def __get__(self, value, cls):
            import dataclasses

            described = []
            for name, default in cls.__dataclass_defaults__.items():
                has = {} if default is _NO_DEFAULT else {"default": default}
                if isinstance(default, _Made):
                    has = {"default_factory": default.make}
                described.append((name, _annotation(cls, name), dataclasses.field(kw_only=True, **has)))
            cls.__dataclass_fields__ = dataclasses.make_dataclass(
                cls.__name__, described
            ).__dataclass_fields__
            return cls.__dataclass_fields__

    def _annotation(cls, name):
        return next(each.__annotations__[name] for each in cls.__mro__ if name in each.__annotations__)

    def __repr__(self):
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__dataclass_names__)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __eq__(self, other):
        return self._values == other._values if type(other) is type(self) else NotImplemented

    def __hash__(self):
        return hash(self._values)

    def __setattr__(self, name, value):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __reduce__(self):
        return _rebuilt, (type(self), {name: getattr(self, name) for name in self.__dataclass_names__})

    def _rebuilt(cls, values):
        return cls(**values)

    _CHANGING = {"__repr__": __repr__, "__eq__": __eq__, "__hash__": None, "__reduce__": __reduce__}
    _FROZEN = {
        **_CHANGING, "__hash__": __hash__, "__setattr__": __setattr__, "__delattr__": __delattr__
    }  # fmt: skip
