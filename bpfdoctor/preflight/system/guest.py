"""A kernel of the lab: it is asked in its guest. Modules are not loaded there, so those are not known."""

from __future__ import annotations

from functools import cached_property

from bpfdoctor.lab import kernels, pool
from bpfdoctor.lab.kernel_index import Progress
from bpfdoctor.model.report import Kernel
from bpfdoctor.preflight.system import Of
from bpfdoctor.preflight.system.kernel_files import Folder, KernelFiles

_FOLDERS = {
    Folder.PROC: "/proc",
    Folder.SYS: "/sys",
    Folder.TRACEFS: "/sys/kernel/tracing",
    Folder.DEBUGFS: "/sys/kernel/debug",
    Folder.SECURITYFS: "/sys/kernel/security",
}
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


class Guest(KernelFiles):
    """One of the lab's kernels, by what --kernel takes. Raises Problem where it cannot be started."""

    is_here = False
    shows_modules = False
    shows_tracefs = True
    caller = shows_bpffs = without_headers = (
        None  # ours: how a machine with this kernel is set up is not known
    )

    def __init__(self, word: str, progress: Progress) -> None:
        super().__init__()
        self._kernel, *_ = kernels.resolve([word], progress)
        self._lab = pool.Lab(progress)

    def close(self) -> None:
        self._lab.close()

    @property
    def kernel(self) -> Kernel:
        return Kernel(self._kernel.release)

    @property
    def machine(self) -> str:
        return _MACHINES.get(self._kernel.arch, self._kernel.arch)

    def in_modules(self, name: str) -> bool:
        return False

    @property
    def boot_line(self) -> str | None:
        """The guest's is ours; how a machine with this kernel is started is not known."""
        return None

    @property
    def lsms(self) -> tuple[str, ...] | None:
        """Those that are active where the command line names none."""
        named = self.config("LSM")
        return None if named is None or named == "n" else tuple(named.split(","))

    @property
    def lockdown(self) -> str | None:
        """Up to whoever starts the machine."""
        return None

    @cached_property
    def config_text(self) -> bytes | None:
        return self._kernel.config

    def read(self, folder: Folder, path: str) -> bytes | None:
        full = f"{_FOLDERS[folder]}/{path}"
        return self._lab.files(self._kernel, [full]).get(full)

    def why_not(self, of: Of) -> str:
        if of is Of.MODULES:
            return "the lab's guests load no modules, so what is in one is not known"
        return f"kernel {self._kernel.release} does not show {of} in the lab"
