"""Finds QEMU and the way it can run here, and writes its command lines."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from bpfdoctor.lab import paths
from bpfdoctor.lab.frames import CHANNEL_SIZE
from bpfdoctor.model.problem import Problem

MEMORY_MIB = 512  # 256 is too little for logs of 16 MB
_MACHINE = "pc,usb=off,graphics=off,vmport=off,memory-backend=ram"
# QEMU 7.2's TCG corrupts flags around cmpxchg16b: kernels from 6.12 on panic at random with it.
_TCG_CPU = "Nehalem,-cx16"
# Documentation/admin-guide/kernel-parameters.txt explains them. Not mitigations=off: it changes verdicts.
_BOOT = (
    "console=ttyS0 earlyprintk=serial,ttyS0,115200 quiet panic=-1 oops=panic unknown_nmi_panic=1 "
    "nokaslr no_timer_check random.trust_cpu=on cryptomgr.notests audit=0"
)
# Without cmpxchg16b kmalloc_nolock() fails, except in caches that are debugged; since 6.19 arenas need it.
_TCG_BOOT = " slab_debug=F,kmalloc-*"


@dataclass(frozen=True, slots=True)
class Qemu:
    """How to run QEMU on this machine. `note` is a sentence when it could be faster."""

    binary: str
    identity: str  # changes when the program is another one
    accelerator: str  # "kvm" or "tcg"
    cpu: str
    host: str = ""  # the host's processor, where guests see it
    note: str | None = None
    boot: str = "lsm=bpf"  # what the kernel's command line has besides

    @property
    def boot_seconds(self) -> int:
        """The longest a cold boot may take."""
        return 20 if self.accelerator == "kvm" else 60

    def key(self, *parts: str) -> str:
        """What a snapshot depends on, as a short name."""
        machine = (self.identity, self.accelerator, self.cpu, self.host, MEMORY_MIB, _MACHINE, self._boot)
        everything = (*machine, *parts)
        return hashlib.sha256(repr(everything).encode()).hexdigest()[:16]

    @property
    def _boot(self) -> str:
        """The kernel's command line."""
        line = f"{_BOOT} {self.boot}"
        return line if self.accelerator == "kvm" else line + _TCG_BOOT

    def boot_arguments(self, kernel: Path, files: int) -> list[str]:
        """What a cold boot adds to the command line; `files` is the descriptor of the initramfs."""
        return ["-kernel", str(kernel), "-initrd", f"/proc/self/fd/{files}", "-append", self._boot]

    def without_kvm(self, why: str) -> Qemu:
        """The same, in software."""
        return replace(self, accelerator="tcg", cpu=_TCG_CPU, host="", note=why)

    def command(
        self, *, ram: str, private: bool, channel: int, console: int, bell: int, monitor: int
    ) -> list[str]:
        """The command line without a kernel.

        `ram` names the file of the guest's memory; `private` keeps what the guest writes out of it. The
        others are inherited descriptors.
        """
        accelerator = "tcg,tb-size=64" if self.accelerator == "tcg" else "kvm"
        memory = f"memory-backend-file,id=ram,size={MEMORY_MIB}M,mem-path={ram}"
        shared = f"memory-backend-file,id=channel,size={CHANNEL_SIZE >> 20}M,mem-path=/proc/self/fd/{channel}"
        return [
            *(self.binary, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
            *(
                "-machine",
                _MACHINE,
                "-accel",
                accelerator,
                "-cpu",
                self.cpu,
                "-smp",
                "1",
                "-m",
                str(MEMORY_MIB),
            ),
            *("-object", f"{memory},share={'off' if private else 'on'}", "-object", f"{shared},share=on"),
            *("-device", "ivshmem-plain,memdev=channel,master=on"),  # without master=on it refuses to migrate
            *("-chardev", f"file,id=console,path=/proc/self/fd/{console}", "-serial", "chardev:console"),
            *("-chardev", f"socket,id=bell,fd={bell}", "-device", "isa-debugcon,iobase=0xe9,chardev=bell"),
            *("-chardev", f"socket,id=monitor,fd={monitor}", "-mon", "chardev=monitor,mode=control"),
        ]


@cache
def find() -> Qemu:
    """QEMU as it can run here."""
    if os.uname().machine != "x86_64":
        raise Problem(
            f"The lab's guests are x86-64, and this machine is {os.uname().machine}.",
            "Check on the running kernel: leave out --kernel.",
        )
    binary = shutil.which("qemu-system-x86_64")
    if binary is None:
        raise Problem(
            "QEMU is not installed.",
            "Install it: sudo apt-get install --no-install-recommends qemu-system-x86",
        )
    real = Path(binary).resolve()
    about = real.stat()
    identity = f"{real} {about.st_size} {about.st_mtime_ns}"
    broken = _broken_kvm_file().exists() and _broken_kvm_file().read_text() == _this_boot()
    return accelerated(
        Qemu(str(real), identity, "tcg", _TCG_CPU), _cpuinfo(), Path("/dev/kvm"), broken=broken
    )


def accelerated(plain: Qemu, cpuinfo: str, kvm: Path, *, broken: bool) -> Qemu:
    """`plain` with KVM where that is of use: the processor can do it, we may, and it was not seen to fail."""
    flags = re.search(r"^flags\s*:(.*)$", cpuinfo, re.MULTILINE)
    if not flags or not {"vmx", "svm"} & set(flags[1].split()) or not kvm.exists():
        return plain
    if not os.access(kvm, os.R_OK | os.W_OK):
        return replace(
            plain, note=f"Guests could run faster here, but you may not use {kvm}: sudo usermod -aG kvm $USER"
        )
    if broken:
        return replace(plain, note="KVM is there but does not work")
    seen = "(vendor_id|cpu family|model|stepping|microcode|flags)"  # what a guest of `-cpu host` is told
    host = [line for line in cpuinfo.splitlines() if re.match(seen, line)]
    return replace(plain, accelerator="kvm", cpu="host,migratable=on", host="\n".join(host))


def remember_broken_kvm() -> None:
    """Until the next reboot of this machine, guests run without KVM."""
    paths.write_whole(_broken_kvm_file(), _this_boot().encode())


def _broken_kvm_file() -> Path:
    return paths.lab_dir() / "kvm-does-not-work"


def _this_boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _cpuinfo() -> str:
    """What the kernel says of the first processor."""
    try:
        return Path("/proc/cpuinfo").read_text().split("\n\n", 1)[0]
    except OSError:
        return ""
