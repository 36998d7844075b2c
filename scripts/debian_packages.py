"""Fetches Debian packages into a private cache: own apt lists, own downloads, nothing of the system touched.

Used by the scripts that make corpus/messages.json and corpus/toolchain_messages.json. Needs apt-get,
dpkg-deb, tar and xz, but no privilege. The suites are all suites of Debian that hold a kernel or a
toolchain of interest, so that the newest version a suite offers for a package can be asked for by name.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

from bpfdoctor import resources

MIRROR = "http://deb.debian.org/debian"
SECURITY = "http://deb.debian.org/debian-security"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
SUITES = (
    (MIRROR, "bullseye"),
    (SECURITY, "bullseye-security"),
    (MIRROR, "bookworm"),
    (SECURITY, "bookworm-security"),
    (MIRROR, "bookworm-backports"),
    (MIRROR, "trixie"),
    (SECURITY, "trixie-security"),
    (MIRROR, "trixie-backports"),
    (MIRROR, "forky"),
    (MIRROR, "sid"),
    (MIRROR, "experimental"),
)
# Where source packages are taken from; their lists are large, so only what is needed
SOURCE_SUITES = (
    (MIRROR, "bullseye"),
    (MIRROR, "bookworm"),
    (MIRROR, "trixie"),
    (MIRROR, "sid"),
)


class Unavailable(Exception):
    """A package that Debian does not have, or has no more."""


class Store:
    """A folder of fetched packages. Debian's pools drop old versions, so nothing fetched is ever deleted."""

    def __init__(self, folder: Path | None = None) -> None:
        base = folder or resources.cache_dir()
        if base is None:
            raise SystemExit("no cache folder can be written: set XDG_CACHE_HOME")
        self.folder = base / "debian"
        self.debs = self.folder / "debs"
        for name in ("lists/partial", "cache/archives/partial", "debs"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        lines = [f"deb [signed-by={KEYS}] {mirror} {suite} main\n" for mirror, suite in SUITES]
        lines += [f"deb-src [signed-by={KEYS}] {mirror} {suite} main\n" for mirror, suite in SOURCE_SUITES]
        (self.folder / "sources.list").write_text("".join(lines))

    def _apt(self, tool: str, *arguments: str, cwd: Path | None = None) -> str:
        options = {
            "Dir::Etc::sourcelist": self.folder / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::Lists": self.folder / "lists",
            "Dir::State::status": self.folder / "status",
            "Dir::Cache": self.folder / "cache",
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
        }
        flags = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        done = subprocess.run([tool, *flags, *arguments], cwd=cwd, check=True, capture_output=True, text=True)
        return done.stdout

    def refresh(self) -> None:
        """Fetches the package lists of all suites anew (about 50 MB)."""
        self._apt("apt-get", "update")

    def versions(self, package: str) -> list[str]:
        """What the suites offer of a package, newest first; empty when apt knows none."""
        if not any((self.folder / "lists").glob("*Packages*")):
            self.refresh()
        table = self._apt("apt-cache", "madison", package)
        return [row.split("|")[1].strip() for row in table.splitlines() if row.count("|") == 2]

    def fetch(self, package: str, version: str) -> Path:
        """The .deb of that very version, from the cache or through apt (which checks its signature)."""
        found = self._cached(package, version)
        if found is None:
            try:
                self._apt("apt-get", "download", f"{package}={version}", cwd=self.debs)
            except subprocess.CalledProcessError as problem:
                raise Unavailable(f"apt-get finds no {package} {version}") from problem
            found = self._cached(package, version)
        if found is None:
            raise Unavailable(f"apt-get downloaded no {package} {version}")
        return found

    def fetch_source(self, package: str, version: str) -> Path:
        """The upstream tarball of that very version of a source package, through apt."""
        folder = self.folder / "sources" / f"{package}_{version.replace(':', '%3a')}"
        found = self._tarball(folder)
        if found is None:
            folder.mkdir(parents=True, exist_ok=True)
            if not any((self.folder / "lists").glob("*Sources*")):
                self.refresh()
            try:
                self._apt("apt-get", "source", "--download-only", f"{package}={version}", cwd=folder)
            except subprocess.CalledProcessError as problem:
                # a mirror may lack the .dsc and still have the tarball, which is all we want
                if self._tarball(folder) is None:
                    raise Unavailable(f"apt-get finds no source of {package} {version}") from problem
            found = self._tarball(folder)
        if found is None:
            raise Unavailable(f"the source of {package} {version} has no upstream tarball")
        return found

    def _tarball(self, folder: Path) -> Path | None:
        return next((file for file in sorted(folder.glob("*.orig.tar.*")) if file.suffix != ".asc"), None)

    def fetch_from_pool(self, path: str, sha256: str) -> Path:
        """A .deb that the suites no longer list but the pool still has; `path` counts from pool/."""
        target = self.debs / path.rsplit("/", 1)[1]
        if not target.exists():
            url = f"{MIRROR}/pool/{urllib.parse.quote(path, safe='/~+')}"
            partial = target.with_suffix(".part")
            try:
                urllib.request.urlretrieve(url, partial)  # noqa: S310 - a fixed mirror; the hash is checked below
            except OSError as problem:
                raise Unavailable(f"{url}: {problem}") from problem
            partial.rename(target)
        with target.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise SystemExit(f"{target} is not the file this script was written for")
        return target

    def _cached(self, package: str, version: str) -> Path | None:
        # apt writes the epoch's colon as %3a in file names
        pattern = f"{package}_{version.replace(':', '%3a')}_*.deb"
        return next(iter(sorted(self.debs.glob(pattern))), None)


def unpack_tarball(deb: Path, target: Path, wanted: tuple[str, ...]) -> None:
    """Unpacks files from the tar.xz inside a linux-source package.

    `wanted` are tar wildcards without the top folder. A pattern that matches nothing is no error: older
    kernels lack some of the files.
    """
    partial = target.with_name(target.name + ".part")
    partial.mkdir(parents=True, exist_ok=True)
    patterns = [f"linux-source-*/{pattern}" for pattern in wanted]
    outer = subprocess.Popen(["nice", "dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE)
    tarball = subprocess.Popen(
        ["nice", "tar", "-xO", "--wildcards", "./usr/src/linux-source-*.tar.xz"],
        stdin=outer.stdout,
        stdout=subprocess.PIPE,
    )
    subprocess.run(
        ["nice", "tar", "-xJ", "--strip-components=1", "--wildcards", "-C", partial, *patterns],
        stdin=tarball.stdout,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    for process in (outer, tarball):
        assert process.stdout is not None
        process.stdout.close()
        process.wait()
    if not any(partial.iterdir()):
        raise SystemExit(f"nothing could be unpacked from {deb}")
    partial.rename(target)


def unpack_source(tarball: Path, target: Path, wanted: tuple[str, ...]) -> None:
    """Unpacks some files of an upstream tarball; `wanted` are tar wildcards without the top folder."""
    if target.exists():
        return
    partial = target.with_name(target.name + ".part")
    partial.mkdir(parents=True, exist_ok=True)
    patterns = [f"*/{pattern}" for pattern in wanted]
    # a pattern that matches nothing is no error
    command = [
        "nice",
        "tar",
        "-xf",
        str(tarball),
        "--strip-components=1",
        "--wildcards",
        "-C",
        str(partial),
        *patterns,
    ]
    subprocess.run(command, stderr=subprocess.DEVNULL, check=False)
    partial.rename(target)


def unpack_deb(deb: Path, target: Path) -> None:
    """Unpacks a whole binary package beside the system, or into a folder that holds others already."""
    stamp = target / f".{deb.stem}"
    if not stamp.exists():
        target.mkdir(parents=True, exist_ok=True)
        subprocess.run(["nice", "dpkg-deb", "-x", deb, target], check=True)
        stamp.touch()
