"""The catalogue of what can be fetched (kernels.toml), and the suites it is fetched from."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bpfdoctor.lab import apt, paths

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Known:
    """A kernel that could be fetched. `name` is a series ("6.12") or, when `exact`, a version."""

    name: str
    suites: tuple[str, ...]
    exact: bool = False
    default: bool = False  # part of `kernels get all`
    note: str | None = None


@cache
def data() -> dict[str, Any]:
    """kernels.toml as it is."""
    with (Path(__file__).parent / "kernels.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def known() -> tuple[Known, ...]:
    """The kernels that can be fetched, oldest first."""
    return tuple(Known(**{**entry, "suites": tuple(entry["suites"])}) for entry in data()["kernel"])


@contextmanager
def index(suite: str) -> Iterator[apt.SuiteIndex]:
    """A suite's index, for this command alone. Raises Problem when apt or Debian's keys are missing."""
    keyring = data()["keyring"]
    url = data()["archives"][data()["suites"][suite]]
    root = paths.lab_dir() / "apt"
    with paths.Lock(root / f"{suite}.lock"):
        opened = apt.SuiteIndex(apt.Suite(suite, url, Path(keyring["path"]), keyring["package"]), root)
        yield opened
        opened.tidy()
