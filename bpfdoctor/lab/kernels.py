"""The kernels the lab knows, has fetched, or is pointed at: list, find, get, remove."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bpfdoctor import regular_file
from bpfdoctor.kernel import versions
from bpfdoctor.lab import apt, image, kernel_index, libbpf, paths
from bpfdoctor.lab.kernel_index import Known, Progress, known
from bpfdoctor.model.problem import Problem

_DESCRIPTION = "description.json"
_MOST_CONFIG = 4 << 20  # bytes of a kernel's configuration


@dataclass(frozen=True, slots=True)
class LabKernel:
    """A kernel on this machine that the lab can boot. Everything but `folder` is in its description.json."""

    name: str  # the folder's name, and what `kernels remove` takes: "6.12.117-1"
    version: str  # the kernel's own: "6.12.117"
    release: str  # `uname -r`
    checksum: str  # sha256 of the image
    arch: str
    origin: str  # where it came from: a suite, or a path
    package: str | None = None  # the binary package
    source: str | None = None  # the source package and its version
    btf: bool | None = None  # None: not known before its first boot
    cannot: tuple[str, ...] = ()  # what can't be tried on it, as sentences
    note: str | None = None
    folder: Path = Path()

    @property
    def image(self) -> Path:
        """The bootable image."""
        return self.folder / "vmlinuz"

    @property
    def config(self) -> bytes | None:
        """The kernel's configuration, when its package had one."""
        path = self.folder / "config"
        return path.read_bytes() if path.exists() else None

    @property
    def numbers(self) -> tuple[int, ...]:
        """For sorting: oldest first."""
        return versions.numbers(self.version)


def installed() -> list[LabKernel]:
    """The kernels in the cache, oldest first."""
    found = [_described(path.parent) for path in (paths.lab_dir() / "kernels").glob(f"[!.]*/{_DESCRIPTION}")]
    return sorted((kernel for kernel in found if kernel), key=lambda kernel: (kernel.numbers, kernel.name))


def newest_installed() -> LabKernel:
    """What `check` uses when the host's own kernel is out of reach."""
    kernels = [kernel for kernel in installed() if kernel.package]
    if not kernels:
        raise Problem("No lab kernel is installed.", "Fetch one: bpfdoctor kernels get 6.12")
    return kernels[-1]


def find(word: str) -> LabKernel | None:
    """The newest installed kernel that `word` names: "6.12", "5.10.218", a name or a release.

    A version that the list pins is not the newest of its series: the distribution has a later one.
    """
    pinned = [entry.name for entry in known() if entry.exact and entry.name != word]
    matching = [
        k
        for k in installed()
        if word in (k.name, k.release) or (is_prefix(word, k.version) and k.version not in pinned)
    ]
    return matching[-1] if matching else None


def resolve(words: Sequence[str], progress: Progress, *, fetch: bool = True) -> list[LabKernel]:
    """The kernels that `--kernel` names, fetched if need be: versions, paths, or "all" (every installed one).

    Each kernel once, in the order they were named.
    """
    kernels: dict[str, LabKernel] = {}
    for word in words:
        if word == "all":
            found = installed()
            if not found:
                raise Problem("No lab kernel is installed.", "Fetch them: bpfdoctor kernels get all")
        elif "/" in word or Path(word).is_file():
            found = [from_path(Path(word))]
        else:
            kernel = find(word)
            if kernel is None and not fetch:
                raise Problem(f"Kernel {word} is not installed.", f"Fetch it: bpfdoctor kernels get {word}")
            found = [kernel or get(word, progress)]
        kernels.update((kernel.name, kernel) for kernel in found)
    return list(kernels.values())


def from_path(path: Path) -> LabKernel:
    """The kernel image at `path`, kept under its checksum: the file may change or go away later."""
    if path.is_dir():
        raise Problem(
            f"{path} is a directory.", "Name a kernel image: ./arch/x86/boot/bzImage, /boot/vmlinuz-…"
        )
    data, found = image.read(path)
    checksum = hashlib.sha256(data).hexdigest()
    final = paths.lab_dir() / "kernels" / f"path-{checksum[:12]}"
    kernel = _described(final)
    if kernel is not None and not is_whole(kernel):
        shutil.rmtree(final, ignore_errors=True)
        kernel = None
    if kernel is None:
        config = path.parent / f"config-{found.release}"
        with paths.fresh_folder(final) as work:
            (work / "vmlinuz").write_bytes(data)
            with suppress(OSError, regular_file.NotRegular):
                (work / "config").write_bytes(regular_file.read(config, _MOST_CONFIG))
            _describe(work, _new(work, final.name, found, checksum, str(path.absolute())))
        kernel = _described(final)
    if kernel is None:
        raise Problem(f"{path} disappeared while it was copied.", "Try again.")
    return kernel


def get(word: str, progress: Progress, *, refresh: bool = False) -> LabKernel:
    """Fetches the newest package for `word` ("6.12", "5.10.218"), unless the cache has that very version."""
    entry = _known_as(word)
    if libbpf.fetched() is None:
        with suppress(Problem):  # the system's will do
            libbpf.fetch(progress)
    refused: Problem | None = None
    for suite in entry.suites:
        progress(f"{word}: asking Debian {suite} what is available")
        with kernel_index.index(suite) as index:
            index.refresh(force=refresh)
            candidates = _candidates(index, word)
            if not candidates and not refresh:
                index.refresh(force=True)
                candidates = _candidates(index, word)
            for package in candidates[:2]:  # an index can name a package that the pool has just dropped
                try:
                    return _fetch(index, package, entry, progress)
                except Problem as problem:
                    refused = problem
    if refused:
        raise refused
    raise Problem(
        f"Debian has no kernel {word} any more.",
        "Take another one: bpfdoctor kernels list",
        "Or name an image of your own: --kernel ./bzImage",
    )


def is_whole(kernel: LabKernel) -> bool:
    """Whether the image is the one that was fetched: disks fill up, and copies break off."""
    with suppress(OSError):
        return hashlib.sha256(kernel.image.read_bytes()).hexdigest() == kernel.checksum
    return False


def remove(word: str) -> list[LabKernel]:
    """Removes the kernels that `word` names (or "all"), with their snapshots."""
    matching = [
        k for k in installed() if word in ("all", k.name, k.release, k.version) or is_prefix(word, k.version)
    ]
    if not matching:
        raise Problem(f"Kernel {word} is not installed.", "See what is installed: bpfdoctor kernels list")
    for kernel in matching:
        # away in one step, so that nobody finds half a kernel
        gone = kernel.folder.with_name(f".removed-{kernel.name}")
        shutil.rmtree(gone, ignore_errors=True)
        kernel.folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        for snapshot in (paths.lab_dir() / "snapshots").glob(f"{kernel.name}@*"):
            shutil.rmtree(snapshot, ignore_errors=True)
    return matching


def forget_copy(kernel: LabKernel) -> None:
    """Drops our copy of a kernel that was named by its path and does not boot."""
    if kernel.package is None:
        shutil.rmtree(kernel.folder, ignore_errors=True)


def learned(kernel: LabKernel, *, release: str, btf: bool) -> LabKernel:
    """Writes down what the kernel said of itself at its first boot."""
    told = replace(kernel, release=release or kernel.release, btf=btf, cannot=_cannot(kernel.config, btf))
    if told != kernel and (kernel.folder / _DESCRIPTION).exists():
        _describe(kernel.folder, told)
    return told


def _known_as(word: str) -> Known:
    entries = [
        entry for entry in known() if entry.name == word or (not entry.exact and is_prefix(entry.name, word))
    ]
    if not entries:
        series = ", ".join(entry.name for entry in known())
        raise Problem(
            f"The lab knows no kernel {word}.",
            f"Take one of {series}.",
            "Or name an image of your own: --kernel ./bzImage",
        )
    exact = [entry for entry in entries if entry.name == word]
    return (exact or entries)[0]


def image_package() -> re.Pattern[str]:
    """Matches the names of packages that hold a kernel image."""
    patterns = [re.escape(pattern) for pattern in kernel_index.data()["packages"]["patterns"]]
    return re.compile("|".join(pattern.replace(r"\{abi\}", r"\d[^-]*(?:-\d+)?") for pattern in patterns))


def _candidates(index: apt.SuiteIndex, word: str) -> list[apt.Package]:
    found = index.packages("linux-", image_package())
    # packages of a few kB (linux-image-6.12-cloud-amd64) only depend on one that holds a kernel
    return [p for p in found if p.size > 1 << 20 and is_prefix(word, ".".join(map(str, p.upstream)))]


def _fetch(index: apt.SuiteIndex, package: apt.Package, entry: Known, progress: Progress) -> LabKernel:
    name = package.version.replace(":", "_").replace("/", "_")
    final = paths.lab_dir() / "kernels" / name
    kernel = _described(final)
    if kernel and is_whole(kernel):
        return kernel
    if kernel:
        remove(kernel.name)  # damaged; with its snapshots
    progress(f"{entry.name}: fetching {package.name} ({package.size / 1e6:.0f} MB)")
    with paths.fresh_folder(final) as work:
        deb = index.download(package, work)
        members = apt.unpack(deb, _member, work)
        deb.unlink()
        if "vmlinuz" not in members:
            raise Problem(
                f"{package.name} holds no kernel image.", "Take another kernel: bpfdoctor kernels list"
            )
        if "config" not in members:
            _fetch_config(index, package, work)
        data, found = image.read(work / "vmlinuz")
        checksum = hashlib.sha256(data).hexdigest()
        kernel = _new(work, name, found, checksum, f"Debian {index.suite.name}")
        version = ".".join(map(str, package.upstream))
        source = package.source if "(" in package.source else f"{package.source} ({package.version})"
        kernel = replace(
            kernel,
            version=version,
            package=f"{package.name} {package.version}",
            source=source,
            note=entry.note,
        )
        _describe(work, kernel)
    return replace(kernel, folder=final)


def _fetch_config(index: apt.SuiteIndex, package: apt.Package, work: Path) -> None:
    """Since 6.19 the configuration lies in a third package. Without it the kernel works as well."""
    name = package.name.replace("linux-binary-", "linux-base-")
    for base in index.packages(name, re.compile(re.escape(name))):
        if base.version == package.version:
            deb = index.download(base, work)
            apt.unpack(deb, _member, work)
            deb.unlink()
            return


def _member(path: str) -> str | None:
    match = re.search(r"/(vmlinuz|config)(-[^/]+)?$", path)
    return match[1] if match and re.match(r"(\./)?(boot|usr/lib/modules|lib/modules)/", path) else None


def _new(folder: Path, name: str, found: image.Image, checksum: str, origin: str) -> LabKernel:
    config = (folder / "config").read_bytes() if (folder / "config").exists() else None
    btf = b"\nCONFIG_DEBUG_INFO_BTF=y" in config if config else None
    return LabKernel(
        name=name,
        version=found.version,
        release=found.release,
        checksum=checksum,
        arch="x86_64",
        origin=origin,
        btf=btf,
        cannot=_cannot(config, btf),
        folder=folder,
    )


# What a program needs from the kernel's configuration.
_FEATURES = {
    "CONFIG_DEBUG_INFO_BTF": "no BTF: no CO-RE, fentry, fexit, tp_btf, LSM, iterators, struct_ops or kfuncs",
    "CONFIG_BPF_LSM": "no LSM programs: built without CONFIG_BPF_LSM",
    "CONFIG_BPF_EVENTS": "no kprobes, uprobes, tracepoints or perf events: built without CONFIG_BPF_EVENTS",
    "CONFIG_CGROUP_BPF": "no cgroup programs: built without CONFIG_CGROUP_BPF",
    "CONFIG_NETFILTER_BPF_LINK": "no netfilter programs: built without CONFIG_NETFILTER_BPF_LINK",
    "CONFIG_LWTUNNEL_BPF": "no lwt programs: built without CONFIG_LWTUNNEL_BPF",
    "CONFIG_BPF_LIRC_MODE2": "no lirc programs: built without CONFIG_BPF_LIRC_MODE2",
    "CONFIG_SCHED_CLASS_EXT": "no sched_ext: built without CONFIG_SCHED_CLASS_EXT",
    "CONFIG_BPF_KPROBE_OVERRIDE": "no bpf_override_return: built without CONFIG_BPF_KPROBE_OVERRIDE",
}


def _cannot(config: bytes | None, btf: bool | None) -> tuple[str, ...]:
    sentences = [] if btf is not False else [_FEATURES["CONFIG_DEBUG_INFO_BTF"]]
    if config:
        built_in = set(re.findall(rb"^(CONFIG_\w+)=y", config, re.MULTILINE))
        sentences += [
            text
            for name, text in _FEATURES.items()
            if name.encode() not in built_in and text not in sentences
        ]
    return (*sentences, "no modules are loaded, so their functions, tracepoints and kfuncs can't be tried")


def _describe(folder: Path, kernel: LabKernel) -> None:
    data = asdict(kernel)
    del data["folder"]
    paths.write_whole(folder / _DESCRIPTION, json.dumps(data, indent=1).encode())


def _described(folder: Path) -> LabKernel | None:
    try:
        data = json.loads((folder / _DESCRIPTION).read_bytes())
        data["cannot"] = tuple(data["cannot"])
        kernel = LabKernel(**data, folder=folder)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return kernel if kernel.image.exists() else None


def is_prefix(word: str, version: str) -> bool:
    """ "5.10" names 5.10 and 5.10.262, not 5.100."""
    return version == word or version.startswith(word + ".")
