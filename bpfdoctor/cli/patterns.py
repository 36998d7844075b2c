"""What patterns (`src/**/*.bpf.c`) stand for where no shell expands them: in settings, in CI's inputs."""

from __future__ import annotations

import os


def matches(pattern: str, folder: str | None = None) -> list[str]:
    """The files and folders that `pattern` names, sorted; itself where it is none.

    `**` is any number of folders. What is not absolute is looked for in `folder` (None: the current one).
    A file that is called like the pattern is one of them, and hides no other.
    """
    from glob import glob, has_magic

    if not has_magic(pattern):
        return [pattern]
    found = set(glob(pattern, root_dir=folder, recursive=True))
    if os.path.lexists(os.path.join(folder or "", pattern)):
        found.add(pattern)
    return sorted(found)
