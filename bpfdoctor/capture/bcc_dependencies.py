"""Which headers libbcc's compiler read: it writes them down where it is asked to, as clang does."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bpfdoctor import looked_at
from bpfdoctor.capture.overlay import listed

_NAME = "dependencies"
_OWN = "/virtual/"  # libbcc's, and what it is given
_OTHER_FOLDERS = re.compile(r"-I$|-i|--|@")  # flags that may name folders in a way that is not followed here
_ROOT = re.compile(r"(?:arch/[^/]+/)?include/(?:generated/)?(?:uapi/)?")


def flags(scratch: str) -> list[str]:
    """What asks for them; nothing where nobody wants to know."""
    return ["-MD", "-MF", os.path.join(scratch, _NAME), "-MT", "o"] if looked_at.is_watching() else []


def tell(scratch: str, kernel: Path | None, env: Mapping[str, str], given: Sequence[str]) -> None:
    """Tells `looked_at` of them. `kernel` has the kernel's headers, None where libbcc finds them by itself;
    `given` are the flags, whose folders libbcc looks in before.
    """
    if not looked_at.is_watching():
        return None
    names = [name for name in listed(Path(scratch, _NAME)) if not name.startswith(_OWN)]
    roots = list(_roots(kernel, env))
    folders = [os.path.abspath(flag[2:]) for flag in given if flag.startswith("-I")]
    found = {name: _found(name, roots) for name in names}
    if not names or None in found.values() or any(map(_OTHER_FOLDERS.match, given)):
        return looked_at.missed()
    looked_at.compiled([name for name in names if os.path.isabs(name)], folders)
    inside = {_ROOT.sub("", name, count=1) for name in names if not os.path.isabs(name)}
    looked_at.noted(
        opened=[os.path.realpath(path) for path in found.values() if path],
        asked=[os.path.join(folder, name) for folder in folders for name in inside],
    )
    return None


def _roots(kernel: Path | None, env: Mapping[str, str]) -> Iterator[str]:
    """Where libbcc may have been when it named a header of the kernel's."""
    if kernel is not None:
        yield str(kernel)
        return
    if asked := env.get("BCC_KERNEL_SOURCE"):
        yield asked
    release = os.uname().release
    yield from (f"/lib/modules/{release}/{name}" for name in ("build", "source"))
    yield f"/tmp/kheaders-{release}"  # noqa: S108 - where libbcc unpacks those that the kernel brings


def _found(name: str, roots: Sequence[str]) -> str | None:
    paths = (os.path.join(root, name) for root in roots)  # an absolute name stays as it is
    return next((path for path in paths if os.path.isfile(path)), None)
