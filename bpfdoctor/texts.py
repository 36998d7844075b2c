"""Builds jinja2 environments whose templates were compiled with the wheel.

Compiling a template takes a millisecond, and an answer uses a dozen. jinja2's own cache holds byte code: who
can write to it decides what runs. So nothing is cached; the wheel carries the Python code that jinja2 makes
of each template. In a checkout, or with another jinja2 than the wheel's, each is compiled when it is met.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any

import jinja2
from jinja2 import BaseLoader, Environment, StrictUndefined, Template

from bpfdoctor import resources


def environment(name: str, loader: BaseLoader, **options: Any) -> Environment:
    """An environment that fails for undefined names. `name` says which of the wheel's files is for it."""
    return Environment(  # noqa: S701 - the caller says what is escaped
        loader=_Loader(loader, resources.compiled(f"{name}-templates.jsonl")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        **options,
    )


def packed(environment: Environment, names: Iterable[str]) -> bytes:
    """The file for a wheel: the number of each template, then their code, one line of JSON each."""
    codes: dict[str, Any] = {}
    for name in names:
        assert environment.loader is not None
        source, _, _ = environment.loader.get_source(environment, name)
        codes[name] = environment.compile(source, raw=True)
    head = {"jinja2": jinja2.__version__, "numbers": {name: number for number, name in enumerate(codes)}}
    return "\n".join(json.dumps(line) for line in (head, *codes.values())).encode("ascii")


class _Loader(BaseLoader):
    """Takes the code from the wheel's file where it has it, else lets `source` find the template."""

    def __init__(self, source: BaseLoader, compiled: bytes | None) -> None:
        self._source = source
        self._numbers: Mapping[str, int] = {}
        if compiled:
            first, *self._codes = compiled.split(b"\n")
            head = json.loads(first)
            if head["jinja2"] == jinja2.__version__:
                self._numbers = head["numbers"]

    def get_source(self, environment: Environment, template: str) -> Any:
        return self._source.get_source(environment, template)

    def load(
        self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        if (number := self._numbers.get(name)) is None:
            return self._source.load(environment, name, globals)
        code = compile(json.loads(self._codes[number]), "<template>", "exec")
        return environment.template_class.from_code(environment, code, globals or {})
