"""`dataclass` for the values: what the standard one makes of a class, at a third of its price.

Most of what `bpfdoctor log` does with a small log is starting, and a third of that was the standard
decorator: it writes and compiles six methods for each of sixty classes. Here a class gets one of its own,
`__init__`, and all share the others. Fields, defaults, inheritance, `replace` and `match` are the standard
library's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ("dataclass",)

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses
    from operator import attrgetter

    def dataclass(*, frozen, slots, kw_only=False):
        """`dataclasses.dataclass(frozen=True, slots=True)`, also with kw_only, and nothing else."""
        if not (frozen and slots):
            raise TypeError("values are frozen and have slots")
        return lambda cls: _record(cls, kw_only)

    def _record(cls, kw_only):
        cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=kw_only)(cls)
        fields = dataclasses.fields(cls)
        if hasattr(cls, "__post_init__") or not all(f.init and f.repr and f.compare for f in fields):
            raise TypeError(f"{cls.__name__} needs the standard dataclass")
        cls.__init__ = _init_of(cls, fields, kw_only)
        names = [field.name for field in fields]
        cls._values = property(attrgetter(*names) if names else lambda self: ())
        for method in (__repr__, __eq__, __hash__, __setattr__, __delattr__, __reduce__):
            if method.__name__ not in cls.__dict__:
                setattr(cls, method.__name__, method)
        return cls

    def _init_of(cls, fields, kw_only):
        """An `__init__` that fills the slots, which `__setattr__` would refuse."""
        known = {"MISSING": dataclasses.MISSING}
        parameters, body = ["self", "*"] if kw_only and fields else ["self"], []
        for field in fields:
            name = value = field.name
            known[f"set_{name}"] = getattr(cls, name).__set__
            if field.default is not dataclasses.MISSING:
                known[f"default_{name}"] = field.default
                parameters.append(f"{name}=default_{name}")
            elif field.default_factory is not dataclasses.MISSING:
                known[f"new_{name}"] = field.default_factory
                parameters.append(f"{name}=MISSING")
                value = f"new_{name}() if {name} is MISSING else {name}"
            else:
                parameters.append(name)
            body.append(f"    set_{name}(self, {value})\n")
        exec(f"def __init__({', '.join(parameters)}):\n{''.join(body) or '    pass'}", known)  # noqa: S102
        known["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
        return known["__init__"]

    def __repr__(self):
        shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self))
        return f"{type(self).__qualname__}({', '.join(shown)})"

    def __eq__(self, other):
        return self._values == other._values if type(other) is type(self) else NotImplemented

    def __hash__(self):
        return hash(self._values)

    def __setattr__(self, name, value):
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name):
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    def __reduce__(self):
        return _rebuilt, (
            type(self),
            {field.name: getattr(self, field.name) for field in dataclasses.fields(self)},
        )

    def _rebuilt(cls, values):
        return cls(**values)
