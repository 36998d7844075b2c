"""--kernel and --caps: the kernels that files are asked about on, by this process and by its copies."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from bpfdoctor import matrix
from bpfdoctor.cli import terminal
from bpfdoctor.cli.examined import Jobs
from bpfdoctor.model.problem import Problem


class KernelsAsked(Jobs):
    """Kernels that start with the first file, and stay warm from one to the next. Use `with`.

    Each copy has guests of its own: their processes and files belong to who started them.
    """

    def __init__(self, kernels: Sequence[str], sets: Sequence[str], jobs: int | None) -> None:
        super().__init__(jobs)
        self._kernels, self._sets = kernels, sets
        self._there: matrix.OnKernels | Problem | None = None
        self._guests = ExitStack()

    def there(self) -> matrix.OnKernels:
        """The kernels. Raises Problem, for every file the same, where none can be asked."""
        if self._there is None:
            try:
                found = matrix.on_kernels(self._kernels, self._sets, terminal.progress)
                self._there = self._guests.enter_context(found)
            except Problem as problem:
                self._there = problem
        if isinstance(self._there, Problem):
            raise self._there
        return self._there

    def copies(self, sources: int) -> int:
        try:
            there = self.there()
            if there.lab is not None:  # starting guests costs what a file does
                sources = max(1, sources // 2)
            return there.shared(super().copies(sources))
        except Problem:
            return 1

    def last(self) -> None:
        """Ends the guests of this process."""
        self._guests.close()

    def __enter__(self) -> KernelsAsked:
        return self

    def __exit__(self, *_: object) -> None:
        self._guests.close()
        terminal.progress_done()
