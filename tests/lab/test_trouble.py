"""Guests that hang, panic or are killed, images that are broken, and commands that die in the middle."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bpfdoctor.lab import guest_build, inventory, kernels, pool, qemu, scheduler, snapshot, warmup
from bpfdoctor.lab.frames import RequestKind, Tag
from bpfdoctor.lab.kernels import LabKernel
from bpfdoctor.lab.pool import Lab
from bpfdoctor.lab.results import Loaded, Lost, NoVerdict, Request
from bpfdoctor.lab.scheduler import Task
from bpfdoctor.lab.vm import Guest, GuestPanicked
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import Verdict
from tests.cli.killing import with_a_child_killed
from tests.lab.conftest import PROGRAMS

Compiled = Callable[[str], bytes]
SMALLEST = Request(warmup.smallest_object())


def test_a_verifier_that_takes_too_long_is_stopped_and_the_next_program_loads(
    lab: Lab, compiled: Compiled, new: LabKernel
) -> None:
    (result,) = lab.run([new], [Request(compiled("slow"), seconds=1)])
    slow, quick = result.programs
    assert isinstance(slow, Lost) and (slow.failure, slow.program) == (NoVerdict.TIMEOUT, "slow")
    assert slow.sentence == "The verifier had not decided after 1 s."
    assert isinstance(quick, Loaded) and quick.verdict is Verdict.LOADS


def test_a_panic_is_told_with_the_guests_console(lab: Lab, new: LabKernel) -> None:
    def crash() -> Task[None]:
        guest: Guest = yield from lab.borrow(new)
        try:
            yield from guest.execute("inject-nmi")  # the guest runs with unknown_nmi_panic=1
            yield from guest.ask(RequestKind.OBJECT, [(Tag.OBJECT, warmup.smallest_object())], 30)
        finally:
            lab.give_back(new, guest, usable=False)

    with pytest.raises(GuestPanicked) as lost:
        scheduler.alone(crash())
    assert "Kernel panic - not syncing" in lost.value.console
    (after,) = lab.run([new], [SMALLEST])
    assert isinstance(after.programs[0], Loaded)


def test_a_guest_that_somebody_kills_is_told_of(lab: Lab, new: LabKernel) -> None:
    def killed() -> Task[str]:
        guest: Guest = yield from lab.borrow(new)
        os.kill(guest.pid, signal.SIGKILL)
        try:
            yield from guest.ask(RequestKind.OBJECT, [(Tag.OBJECT, warmup.smallest_object())], 30)
        except Exception as error:
            return str(error)
        finally:
            lab.give_back(new, guest, usable=False)
        return "nothing happened"

    assert scheduler.alone(killed()) == "QEMU was killed by SIGKILL"


@pytest.mark.parametrize("form", ["json", "full"])
def test_guests_that_somebody_kills_are_no_success(form: str, new: LabKernel) -> None:
    program = PROGRAMS / "slow.bpf.c"
    asked = ("check", program, "--kernel", new.version, "--output-format", form)
    done = with_a_child_killed("qemu-system", signal.SIGKILL, *asked, wait=0.6)
    assert done.status == 2
    told = done.out + done.err
    assert (
        "The guest was lost: QEMU was killed by SIGKILL" in told or "does not start from its snapshot" in told
    )


def test_a_damaged_snapshot_is_made_again(fresh_cache: Callable[..., Path], new: LabKernel) -> None:
    cache = fresh_cache(new)
    (kernel,) = kernels.installed()
    with pool.Lab(print) as lab:
        lab.run([kernel], [SMALLEST])
    (state,) = cache.glob("snapshots/*/state")
    state.write_bytes(state.read_bytes()[:5000])
    with pool.Lab(print) as lab:
        (result,) = lab.run([kernel], [SMALLEST])
    assert isinstance(result.programs[0], Loaded)


def damage_the_memory(cache: Path) -> None:
    """Zeros in what a snapshot's kernel has in memory, but for its first 16 MiB."""
    (ram,) = cache.glob("snapshots/*/ram")
    with ram.open("r+b") as file:
        for at in range(16 << 20, 256 << 20, 1 << 20):
            file.seek(at)
            file.write(bytes(600 << 10))


def test_a_crash_is_the_kernels_only_after_a_boot_of_its_own(
    fresh_cache: Callable[..., Path], old: LabKernel
) -> None:
    cache = fresh_cache(old)
    (kernel,) = kernels.installed()
    with pool.Lab(print) as lab:
        lab.run([kernel], [SMALLEST])
    damage_the_memory(cache)
    with pool.Lab(print) as lab:
        (result,) = lab.run([kernel], [SMALLEST])
    assert isinstance(result.programs[0], Loaded), result.programs[0]


def test_kernels_get_heals_the_image_and_the_snapshot(
    fresh_cache: Callable[..., Path], old: LabKernel
) -> None:
    cache = fresh_cache(old)
    (first,) = inventory.get([old.version], print)
    assert first.problem is None
    damage_the_memory(cache)
    said: list[str] = []
    (healed,) = inventory.get([old.version], said.append)
    assert healed.problem is None and any("its snapshot is damaged" in line for line in said)
    image = healed.kernel.image
    for refresh in (False, True):
        image.write_bytes(image.read_bytes()[:-4096])
        (healed,) = inventory.get([old.version], said.append, refresh=refresh)
        assert healed.problem is None and kernels.is_whole(healed.kernel)


def test_the_newest_of_a_series_is_fetched_where_only_a_pinned_one_is(
    fresh_cache: Callable[..., Path], old: LabKernel
) -> None:
    fresh_cache(old)
    assert kernels.find("5.10") is None
    (newest,) = kernels.resolve(["5.10"], print)
    assert newest.numbers > old.numbers and newest.version.startswith("5.10.")
    assert kernels.find("5.10") == newest
    assert [kernel.version for kernel in kernels.installed()] == [old.version, newest.version]


def test_two_commands_at_once_make_one_snapshot(
    fresh_cache: Callable[..., Path], old: LabKernel, tmp_path: Path
) -> None:
    cache = fresh_cache(old)
    (tmp_path / "x.o").write_bytes(warmup.smallest_object())
    command = [sys.executable, "-m", "bpfdoctor", "kernels", "run", old.version, str(tmp_path / "x.o")]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in "12"
    ]
    said = [each.communicate(timeout=300) for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    assert all("loads, 2 insns" in out for out, _ in said)
    assert sum("booting it once" in err for _, err in said) == 1
    assert [path.name for path in cache.glob("snapshots/[!.]*")] == [
        path.name for path in cache.glob("snapshots/*@*")
    ]


def guests_of(pid: int) -> list[int]:
    """The process ids of a command's children."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    """Whether a process still runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_guests_end_with_the_command(
    how: signal.Signals, compiled: Compiled, new: LabKernel, tmp_path: Path
) -> None:
    (tmp_path / "slow.o").write_bytes(compiled("slow"))
    command = [sys.executable, "-m", "bpfdoctor", "kernels", "run", "7.3", str(tmp_path / "slow.o")]
    running = subprocess.Popen([*command, "--timeout", "200"], stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    guests: list[int] = []
    while not guests and time.monotonic() < until:
        time.sleep(0.1)
        guests = guests_of(running.pid)
    time.sleep(0.5)  # the guest is at work by now
    guests = guests_of(running.pid)
    assert guests and all(alive(guest) for guest in guests)
    running.send_signal(how)
    running.wait(30)
    time.sleep(0.3)
    assert not any(alive(guest) for guest in guests)


def test_an_image_that_is_damaged_inside(
    fresh_cache: Callable[..., Path], new: LabKernel, tmp_path: Path
) -> None:
    cache = fresh_cache(new)
    data = bytearray(new.image.read_bytes())
    data[3_000_000:3_000_400] = bytes(400)
    path = tmp_path / "bzImage"
    path.write_bytes(data)
    with pytest.raises(Problem) as problem, pool.Lab(print) as lab:
        lab.run([kernels.from_path(path)], [SMALLEST])
    assert "does not come up as a guest" in problem.value.sentence and "corrupt" in problem.value.sentence
    assert not list(cache.glob("kernels/path-*")) and not list(cache.glob("snapshots/*@*"))


def test_a_kernel_that_is_named_by_its_path(
    fresh_cache: Callable[..., Path], old: LabKernel, tmp_path: Path
) -> None:
    fresh_cache()
    path = tmp_path / "vmlinuz-mine"
    shutil.copyfile(old.image, path)
    (kernel,) = kernels.resolve([str(path)], print)
    with pool.Lab(print) as lab:
        (result,) = lab.run([kernel], [SMALLEST])
    assert isinstance(result.programs[0], Loaded)
    told = result.kernel
    assert (told.release, told.version, told.btf) == (old.release, old.version, True)


def test_a_snapshot_is_made_again_when_what_it_depends_on_changes(
    fresh_cache: Callable[..., Path], old: LabKernel
) -> None:
    cache = fresh_cache(old)
    (kernel,) = kernels.installed()
    init = guest_build.guest_init(print).read_bytes()
    names = []
    for each in (init, init + b"\0", init + b"\0"):
        task = snapshot.ensure(kernel, qemu.find(), each, print)
        names.append(scheduler.alone(task).folder.name)
    assert names[0] != names[1] == names[2]
    assert [path.name for path in cache.glob("snapshots/*@*")] == [names[1]]


def kvm_is_only_a_name() -> bool:
    """Whether /dev/kvm can be opened although the processor has no virtualisation."""
    return qemu.find().accelerator == "tcg" and os.access("/dev/kvm", os.R_OK | os.W_OK)


def test_without_a_kvm_that_works_guests_run_all_the_same(
    fresh_cache: Callable[..., Path], old: LabKernel
) -> None:
    if not kvm_is_only_a_name():
        pytest.skip("KVM works here, or is not there at all")
    fresh_cache(old)
    (kernel,) = kernels.installed()
    useless = replace(qemu.find(), accelerator="kvm", cpu="host")
    with pool.Lab(print, with_qemu=useless) as lab:
        (result,) = lab.run([kernel], [SMALLEST])
        assert lab.note and "KVM is there but does not work" in lab.note
    assert isinstance(result.programs[0], Loaded)
