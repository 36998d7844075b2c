"""What patterns (`src/**/*.bpf.c`) stand for where no shell expands them: in settings, in CI's inputs."""

from __future__ import annotations

import os


def matches(pattern: str, folder: str | None = None) -> list[str]:
    """The files and folders that `pattern` names, sorted; itself where it is none, or the name of a file.

    `**` is any number of folders. What is not absolute is looked for in `folder` (None: the current one).
    """
    if os.path.lexists(os.path.join(folder or "", pattern)):
        return [pattern]
    from glob import glob, has_magic

    return sorted(glob(pattern, root_dir=folder, recursive=True)) if has_magic(pattern) else [pattern]
