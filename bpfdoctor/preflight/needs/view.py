"""A kernel as far as an object's needs go: by its own types where they are known, else by its version."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property

from bpfdoctor.formats import btf
from bpfdoctor.formats.large_btf import LargeBtf
from bpfdoctor.kernel import kfuncs
from bpfdoctor.kernel.versions import numbers, series
from bpfdoctor.pattern import later

# Releases of distributions that bring features of later kernels to an earlier version's number.
_BACKPORTS = later(r"\.(?:el|amzn|fc)\d|-azure|\.oe\d|uek")


class Has(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "?"


class KernelView:
    """`name` is what the user called it; `release` is `uname -r`, or a version."""

    def __init__(
        self, name: str, release: str, types: LargeBtf | None = None, config: Mapping[str, str] | None = None
    ) -> None:
        self.name, self.types, self.config = name, types, config
        self._release = release

    @property
    def version(self) -> tuple[int, ...]:
        return numbers(self._release)

    @property
    def knows_types(self) -> bool:
        return self.types is not None

    def since(self, release: str, backported: str = "") -> Has:
        """Whether this version has what came with a release, or with an older series' stable one."""
        if series(self._release) >= numbers(release):
            return Has.YES
        if backported and series(backported) == series(self._release):
            return Has.YES if self.version >= numbers(backported) else Has.UNKNOWN
        return Has.UNKNOWN if _BACKPORTS.search(self._release) else Has.NO

    def constant(self, enum: str, name: str, since: str) -> Has:
        """A constant of one of the enums of linux/bpf.h: a helper's number, a type."""
        known = self._enum(enum)
        if known:
            return Has.YES if name in known else Has.NO
        return self.since(since) if since else Has.UNKNOWN

    def kfunc(self, name: str) -> Has:
        """Kernels from 6.10 on mark theirs in BTF; before, a function of this name may be an ordinary one."""
        fact = kfuncs.every().get(name)
        by_version = self.since(fact.since) if fact else Has.UNKNOWN
        if self.types is None:
            return by_version
        is_there = next(self.types.named(name, btf.FUNC), None) is not None
        if self._marked:
            if name in self._marked:
                return Has.YES
            return Has.NO if is_there or by_version is Has.NO else Has.UNKNOWN  # a module may have it
        if is_there:
            return by_version if by_version is not Has.NO else Has.UNKNOWN
        return Has.NO if by_version is not Has.YES else Has.UNKNOWN

    def variable(self, name: str) -> Has:
        if self.types is None:
            return Has.UNKNOWN
        return Has.YES if next(self.types.named(name, btf.VAR), None) else Has.NO

    def function(self, name: str) -> Has:
        """A function that BTF describes: what fentry and LSM programs need."""
        if self.types is None:
            return Has.UNKNOWN
        return Has.YES if next(self.types.named(name, btf.FUNC), None) else Has.UNKNOWN

    @cached_property
    def _marked(self) -> frozenset[str]:
        """The kernel's own list of kfuncs."""
        types = self.types
        marks = types.named("bpf_kfunc", btf.DECL_TAG) if types else ()
        functions = (types.type(tag.ref) for id in marks if types and (tag := types.type(id)))
        return frozenset(function.name for function in functions if function)

    def _enum(self, name: str) -> Mapping[str, int]:
        if self.types is None:
            return {}
        if name not in self._enums:
            id = next(self.types.named(name, btf.ENUM, btf.ENUM64), None)
            self._enums[name] = self.types.enumerators(id) if id else {}
        return self._enums[name]

    @cached_property
    def _enums(self) -> dict[str, Mapping[str, int]]:
        return {}

    def has_setting(self, name: str) -> Has:
        """Whether the configuration says anything of CONFIG_…: what is not set is not in it."""
        if self.config is None:
            return Has.UNKNOWN
        return Has.YES if name.removeprefix("CONFIG_") in self.config else Has.NO

    def setting(self, name: str) -> int | None:
        """The value of an extern of section .kconfig; None where it is not known."""
        if name == "LINUX_KERNEL_VERSION":
            major, minor, patch = (*self.version, 0, 0, 0)[:3]
            return major << 16 | minor << 8 | min(patch, 255)
        if name == "LINUX_HAS_BPF_COOKIE":
            has = self.constant("bpf_func_id", "BPF_FUNC_get_attach_cookie", "5.15")
            return None if has is Has.UNKNOWN else int(has is Has.YES)
        if name.startswith("CONFIG_") and self.config is not None:
            # A bool or a tristate (libbpf's TRI_MODULE is 2); a char or a number is not folded here.
            return 0 if name.removeprefix("CONFIG_") not in self.config else None
        return None
