"""Boots a kernel once and keeps the warm guest on disk; every check is a clone of it.

The guest's memory is a file that QEMU maps. When the guest is ready it is stopped, and QEMU writes down the
rest of the machine (registers and devices, 300 kB); "x-ignore-shared" keeps the memory out of that. A clone
maps the same file privately: pages are shared until they are written, and nothing is copied at start.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from bpfdoctor.kernel import capabilities
from bpfdoctor.lab import initramfs, kernels, paths, warmup
from bpfdoctor.lab.frames import Fields, RequestKind, Status, Tag
from bpfdoctor.lab.kernel_index import Progress
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.qemu import MEMORY_MIB, Qemu
from bpfdoctor.lab.scheduler import Task, Wait
from bpfdoctor.lab.vm import Guest, GuestLost
from bpfdoctor.model.problem import Problem

_FORMAT = "1"  # of what lies in a snapshot's folder
_CHECKSUM = "sha256"  # a file in it
_CHUNK = 64 << 10
_ROOM = 400 << 20  # bytes a snapshot may take while it is made
_WARM_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A warm guest on disk. `kernel` knows what the guest said of itself."""

    kernel: LabKernel
    qemu: Qemu
    folder: Path


def ensure(kernel: LabKernel, qemu: Qemu, init: bytes, progress: Progress) -> Task[Snapshot]:
    """The kernel's snapshot, made if there is none that fits QEMU, our init and the kernel as they are."""
    final = _folder(kernel, qemu, hashlib.sha256(init).hexdigest())
    if not (final / "state").exists():
        lock = paths.Lock(paths.lab_dir() / "snapshots" / f".{kernel.name}.lock")
        try:
            if not lock.take(wait=False):
                progress(f"{kernel.version}: another bpfdoctor is preparing it")
                while not lock.take(wait=False):
                    yield Wait((), time.monotonic() + 0.1)
            if not (final / "state").exists():
                kernel = yield from _build(kernel, qemu, init, final, progress)
                _drop_others(final)
        finally:
            lock.give_back()
    return Snapshot(kernel, qemu, final)


def is_there(kernel: LabKernel, qemu: Qemu, init: str) -> bool:
    """Whether `ensure` has nothing to do; `init` is the checksum of our init."""
    return (_folder(kernel, qemu, init) / "state").exists()


def _folder(kernel: LabKernel, qemu: Qemu, init: str) -> Path:
    key = qemu.key(_FORMAT, init, kernel.checksum)
    return paths.lab_dir() / "snapshots" / f"{kernel.name}@{key}"


def clone(snapshot: Snapshot) -> Task[Guest]:
    """A new guest from the snapshot, warm and stopped. FileNotFoundError when the snapshot was removed."""
    ram = os.open(snapshot.folder / "ram", os.O_RDWR | os.O_CLOEXEC)
    try:
        state = os.open(snapshot.folder / "state", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        os.close(ram)
        raise
    try:
        guest = Guest(
            snapshot.qemu, f"/proc/self/fd/{ram}", ["-incoming", "defer"], private=True, inherit=(ram, state)
        )
        try:
            yield from guest.connect()
            yield from guest.migrate("migrate-incoming", f"fd:{state}")
        except BaseException:
            guest.close()
            raise
        return guest
    finally:
        os.close(ram)
        os.close(state)


def _build(kernel: LabKernel, qemu: Qemu, init: bytes, final: Path, progress: Progress) -> Task[LabKernel]:
    if not kernels.is_whole(kernel):
        raise Problem(
            f"The image of kernel {kernel.version} is damaged: it is not what was fetched.",
            f"Fetch it again: bpfdoctor kernels get {kernel.version}",
        )
    paths.need_room(paths.folder(final.parent), _ROOM)
    progress(f"{kernel.version}: booting it once")
    with paths.fresh_folder(final) as work:
        ram = work / "ram"
        with ram.open("wb") as file:
            file.truncate(MEMORY_MIB << 20)
        files = os.memfd_create("bpfdoctor-initramfs")
        try:
            os.write(files, initramfs.guest_files(init, kernel.release, kernel.config))
            arguments = qemu.boot_arguments(kernel.image, files)
            with Guest(qemu, str(ram), arguments, private=False, inherit=(files,)) as guest:
                try:
                    kernel = yield from _warm(guest, kernel, qemu)
                    yield from guest.migrate("migrate", f"exec:cat > {_quoted(work / 'state')}")
                except GuestLost as lost:
                    if "SIGBUS" in lost.why:  # QEMU could not write the file that is the guest's memory
                        raise paths.no_room(final.parent) from lost
                    kernels.forget_copy(kernel)
                    raise _cannot_boot(kernel, lost) from lost
        finally:
            os.close(files)
        _forget_channel_address(work / "state")
        for name in ("ram", "state"):
            _to_disk(work / name)
        (work / _CHECKSUM).write_text(_checksum(work))
    return kernel


def _warm(guest: Guest, kernel: LabKernel, qemu: Qemu) -> Task[LabKernel]:
    yield from guest.connect()
    hello = yield from guest.hello(qemu.boot_seconds)
    for number, _ in enumerate(capabilities.NAMES):  # starts a worker for each
        op = RequestKind.OBJECT if number else RequestKind.WARM
        pairs: Fields = [(Tag.OBJECT, warmup.smallest_object()), (Tag.CAPABILITIES, number)]
        answers = yield from guest.ask(op, pairs, _WARM_SECONDS)
        loads = bool(answers) and answers[-1].number(Tag.STATUS, Status.NOT_LOADED) == Status.LOADS
        if number == 0 and not loads:
            said = answers[-1].text(Tag.MESSAGES) if answers else ""
            raise GuestLost("it refuses even the smallest BPF program", said or guest.console())
    yield from guest.execute("query-status")  # `stop` has been obeyed by then
    return kernels.learned(kernel, release=hello.text(Tag.RELEASE), btf=bool(hello.number(Tag.BTF)))


def _cannot_boot(kernel: LabKernel, lost: GuestLost) -> Problem:
    said = [line for line in lost.console.splitlines() if line.strip() and "System halted" not in line]
    last = f": {said[-1].strip()}" if said else ""
    why = f"Kernel {kernel.version} ({kernel.origin}) does not come up as a guest: {lost.why}{last}."
    return Problem(
        why,
        "Take another kernel: bpfdoctor kernels list",
        "A kernel of your own needs CONFIG_BPF_SYSCALL, CONFIG_PCI, CONFIG_BLK_DEV_INITRD, CONFIG_BINFMT_ELF "
        "and CONFIG_SERIAL_8250_CONSOLE built in.",
    )


def _forget_channel_address(state: Path) -> None:
    """Sets the shared device's address to 0 in QEMU's list of memory blocks.

    With x-ignore-shared QEMU compares the guest address of each shared block with the new machine's, where
    the guest's BIOS has not yet placed the PCI device:
        Mismatched GPAs for block 0000:00:02.0/channel 4160749568!= 0
    In the stream a block is: length of its name, name, size, address (64-bit, big endian).
    """
    data = bytearray(state.read_bytes())
    at = data.find(b"/channel")
    if at >= 0:
        end = at + len(b"/channel")
        data[end + 8 : end + 16] = bytes(8)
        state.write_bytes(data)


def is_whole(snapshot: Snapshot) -> bool:
    """Whether the files are those that were made: disks fill up and fail."""
    try:
        return (snapshot.folder / _CHECKSUM).read_text() == _checksum(snapshot.folder)
    except (OSError, ValueError):
        return False


def _checksum(folder: Path) -> str:
    """Of what both files hold, and where; most of the guest's memory was never written."""
    found = hashlib.sha256()
    nothing = bytes(_CHUNK)
    for name in ("state", "ram"):
        with (folder / name).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            at = 0
            while at < size:
                try:
                    at = os.lseek(file.fileno(), at, os.SEEK_DATA) // _CHUNK * _CHUNK
                except OSError:
                    break  # holes only
                chunk = os.pread(file.fileno(), _CHUNK, at)
                if chunk != nothing:
                    found.update(b"%s %d " % (name.encode(), at) + chunk)
                at += _CHUNK
    return found.hexdigest()


def _drop_others(final: Path) -> None:
    """Removes the same kernel's snapshots that fit no longer. A clone that runs keeps its files."""
    name = final.name.rpartition("@")[0]
    for other in final.parent.iterdir():
        if other.name.rpartition("@")[0] == name and other != final:
            shutil.rmtree(other, ignore_errors=True)


def _to_disk(path: Path) -> None:
    with paths.disk_problems():
        fd = os.open(path, os.O_RDWR)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"


def drop(snapshot: Snapshot) -> None:
    """Removes a snapshot that turned out to be damaged."""
    shutil.rmtree(snapshot.folder, ignore_errors=True)
