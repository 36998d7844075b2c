"""Fetches signed packages with apt in a directory of our own, unprivileged, beside the system's apt."""

from __future__ import annotations

import os
import re
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bpfdoctor import processes
from bpfdoctor.kernel.versions import numbers
from bpfdoctor.lab import paths
from bpfdoctor.model.problem import Problem

_FRESH_SECONDS = 24 * 3600
_SECONDS = 300
_LIST = "Debian's list of packages"
_OWN_KERNEL = "Or name a kernel of your own: --kernel ./bzImage, --kernel /boot/vmlinuz-…"


@dataclass(frozen=True, slots=True)
class Suite:
    """One suite of a signed archive."""

    name: str
    url: str
    keyring: Path
    keyring_package: str


@dataclass(frozen=True, slots=True)
class Package:
    """One package in a suite's index. `source` is the source package, `sha256` that of the .deb."""

    name: str
    version: str
    source: str
    sha256: str
    size: int

    @property
    def upstream(self) -> tuple[int, ...]:
        """The kernel's own version: (6, 12, 117)."""
        return numbers(self.version)


class SuiteIndex:
    """A suite's signed index, in an apt directory of its own."""

    def __init__(self, suite: Suite, root: Path) -> None:
        for tool in ("apt-get", "apt-cache", "dpkg-deb"):
            if shutil.which(tool) is None:
                raise Problem(
                    f"{tool} was not found, and the lab's kernels are Debian packages.", _OWN_KERNEL
                )
        if not suite.keyring.exists():
            raise Problem(
                "Debian's archive keys are not installed, so its packages could not be checked.",
                f"Install them: sudo apt-get install {suite.keyring_package}",
                _OWN_KERNEL,
            )
        self.suite = suite
        self._root = paths.folder(root / suite.name)
        self._config = self._configure()

    def refresh(self, *, force: bool = False) -> None:
        """Fetches the index unless it was fetched within a day."""
        stamp = self._root / "updated"
        if not force and stamp.exists() and 0 <= time.time() - stamp.stat().st_mtime < _FRESH_SECONDS:
            return
        with paths.disk_problems():
            stamp.unlink(missing_ok=True)
            # Error-Mode=any: without it apt-get ends with 0 although it could not reach the archive
            self._run("apt-get", "-o", "APT::Update::Error-Mode=any", "update", what=_LIST)
            stamp.touch()

    def packages(self, prefix: str, pattern: re.Pattern[str]) -> list[Package]:
        """The packages whose name begins with `prefix` and matches, newest first."""
        names = self._run("apt-cache", "pkgnames", prefix, what=_LIST).split()
        wanted = [name for name in names if pattern.fullmatch(name)]
        if not wanted:
            return []
        shown = self._run("apt-cache", "show", *wanted, what=_LIST)
        found = {package for package in map(_package, shown.split("\n\n")) if package}
        return sorted(found, key=lambda package: (package.upstream, package.version), reverse=True)

    def download(self, package: Package, folder: Path) -> Path:
        """The .deb, checked against the signed index."""
        paths.need_room(folder, package.size * 2)
        self._run(
            "apt-get", "download", f"{package.name}={package.version}", what=f"{package.name}", folder=folder
        )
        for deb in folder.glob("*.deb"):
            return deb
        raise Problem(f"apt-get succeeded but left no package for {package.name}.", _OWN_KERNEL)

    def tidy(self) -> None:
        """Removes what apt makes anew within a second: 50 MB for a large suite."""
        for path in (self._root / "cache").glob("*.bin"):
            path.unlink(missing_ok=True)

    def _configure(self) -> Path:
        """Our own apt.conf.

        APT_CONFIG is read before the system's files, so it can turn them off. How the user reaches the
        network (proxies, timeouts) is carried over.
        """
        root = self._root
        for name in ("lists/partial", "cache/archives/partial", "etc", "state"):
            paths.folder(root / name)
        paths.write_whole(root / "state" / "status", b"")
        line = f"deb [arch=amd64 signed-by={self.suite.keyring}] {self.suite.url} {self.suite.name} main\n"
        paths.write_whole(root / "etc" / "sources.list", line.encode())
        settings = [
            ("Dir::Etc::main", "/dev/null"),
            ("Dir::Etc::parts", "/dev/null"),
            ("Dir::Etc::sourcelist", f"{root}/etc/sources.list"),
            ("Dir::Etc::sourceparts", "/dev/null"),
            ("Dir::Etc::preferences", "/dev/null"),
            ("Dir::Etc::preferencesparts", "/dev/null"),
            ("Dir::State", f"{root}/state"),
            ("Dir::State::status", f"{root}/state/status"),
            ("Dir::State::Lists", f"{root}/lists"),
            ("Dir::Cache", f"{root}/cache"),
            ("Dir::Log", f"{root}/state"),
            ("Acquire::Languages", "none"),
            ("APT::Architecture", "amd64"),
            ("APT::Sandbox::User", ""),
        ]
        text = "".join(f'{name} "{value}";\n' for name, value in settings)
        paths.write_whole(root / "apt.conf", (_network_settings() + text).encode())
        return root / "apt.conf"

    def _run(self, *command: str, what: str, folder: Path | None = None) -> str:
        environment = {**os.environ, "APT_CONFIG": str(self._config), "LC_ALL": "C"}
        try:
            done = processes.run(command, _SECONDS, env=environment, cwd=folder or self._root)
        except processes.TimeoutExpired as error:
            raise Problem(
                f"fetching {what} took longer than {_SECONDS} s.", "Check the network.", _OWN_KERNEL
            ) from error
        if done.returncode:
            raise _failure(what, done.stderr, self._root)
        return done.stdout


def _network_settings() -> str:
    shown = processes.run(["apt-config", "dump"])
    return "".join(
        line + "\n"
        for line in shown.stdout.splitlines()
        if re.match(r"Acquire::(http|https|Check|Retries|ftp)", line)
    )


def _failure(what: str, text: str, root: Path) -> Problem:
    errors = [line[2:].strip() for line in text.splitlines() if line.startswith("E:")]
    if "No space left" in text or "enough free space" in text:
        return paths.no_room(root)
    reason = errors[0] if errors else (text.strip().splitlines() or ["apt gave no reason"])[-1]
    return Problem(
        f"{what} could not be fetched: {reason}", "Check the network, then try again.", _OWN_KERNEL
    )


def _package(stanza: str) -> Package | None:
    fields = dict(re.findall(r"^([A-Za-z0-9-]+): (.*)$", stanza, re.MULTILINE))
    try:
        return Package(
            name=fields["Package"],
            version=fields["Version"],
            source=fields.get("Source") or fields["Package"],
            sha256=fields["SHA256"],
            size=int(fields["Size"]),
        )
    except (KeyError, ValueError):
        return None


def unpack(deb: Path, wanted: Callable[[str], str | None], folder: Path) -> set[str]:
    """Writes members of a .deb into `folder`; `wanted` gives a member's new name, or None.

    Stops when the image was found and boot/ has ended: a kernel package's modules come later, and unpacking
    them would take seconds.
    """
    found: set[str] = set()
    command = ["dpkg-deb", "--fsys-tarfile", str(deb)]
    process = processes.start(command, stdout=processes.PIPE, stderr=processes.DEVNULL)
    try:
        for member, data in _members(process):
            name = wanted(member)
            if name:
                (folder / name).write_bytes(data())
                found.add(name)
            elif "vmlinuz" in found and not member.startswith("./boot"):
                break
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
    return found


def _members(process: processes.Popen[bytes]) -> Iterator[tuple[str, Callable[[], bytes]]]:
    try:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            for member in archive:
                if member.isfile():
                    file = archive.extractfile(member)
                    if file:
                        yield member.name, file.read
    except tarfile.TarError as error:
        raise Problem(
            f"the package could not be unpacked: {error}.", "Try again: it will be fetched anew."
        ) from error
