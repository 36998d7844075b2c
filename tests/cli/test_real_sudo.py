"""The real sudo, called by an ordinary user: what the tests of test_sudo.py say with SUDO_UID holds there.

It takes a user who may use sudo without a password: whoever runs the tests (`part_user` of
scripts/fresh_parts.sh), or, where root does, one called dev.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

USER = [] if os.geteuid() != 0 else ["sudo", "-n", "-u", "dev", "--"]
BPFDOCTOR = Path(sys.executable).with_name("bpfdoctor")
PASS = '#include <linux/bpf.h>\n__attribute__((section("xdp"), used)) int f(struct xdp_md *c) { return 2; }\n'
BCC = "int kprobe__do_nanosleep(struct pt_regs *ctx) { return 0; }\n"
SECRET = "/etc/shadow"


def may_use_sudo() -> bool:
    if shutil.which("sudo") is None or not BPFDOCTOR.exists():
        return False
    tried = subprocess.run(
        [*USER, "sudo", "-n", BPFDOCTOR, "--version"], capture_output=True, check=False, cwd="/"
    )
    return tried.returncode == 0


pytestmark = pytest.mark.skipif(
    not may_use_sudo(), reason="nobody here may use sudo without a password, or not reach this checkout"
)


class Place:
    """A folder of the user's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        if USER:
            shutil.chown(path, "dev", "dev")

    def sudo(self, *arguments: str | Path, given: tuple[str, ...] = (), **env: str) -> tuple[int, str]:
        """`sudo bpfdoctor …` in that folder; what both streams got. `given` stands before bpfdoctor."""
        exports = [f"{key}={value}" for key, value in env.items()]
        command = [*USER, "env", *exports, "sudo", "-n", *given, BPFDOCTOR, *arguments]
        done = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, check=False, cwd=self.folder, timeout=120
        )
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def place() -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="bpfdoctor-test-"))
    folder.chmod(0o755)
    made = Place(folder)
    made.give(folder)
    yield made
    subprocess.run(["sudo", "-n", "rm", "-rf", folder], check=False)


def secrets() -> list[str]:
    """What only root may read, line by line."""
    read = subprocess.run(["sudo", "-n", "cat", SECRET], capture_output=True, text=True, check=True)
    return read.stdout.split()


def test_a_program_is_compiled_loaded_and_explained(place: Place) -> None:
    status, said = place.sudo("check", place.put("a.bpf.c", PASS))
    assert status == 0 and "1 program loads" in said, said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.bpf.c", f'#include "{SECRET}"\n{PASS}'),
        ("a.bpf.c", f'{PASS}asm(".incbin \\"{SECRET}\\"");'),
        ("a.c", f'#include "{SECRET}"\n{BCC}'),
        ("t.py", f"from bcc import BPF\nBPF(text=open({SECRET!r}).read())\n"),
        ("t.py", f"from bcc import BPF\nBPF(src_file={SECRET!r})\n"),
        ("t.py", f"from bcc import BPF\nBPF(text='#include \"{SECRET}\"\\n{BCC.strip()}')\n"),
    ],
    ids=["include", "assembly", "bcc", "a tool's open", "a tool's file", "a tool's include"],
)
def test_roots_files_are_not_read(place: Place, name: str, text: str) -> None:
    status, said = place.sudo("check", place.put(name, text))
    assert status != 0 and "bug in bpfdoctor" not in said
    assert not [line for line in secrets() if line in said]


def test_what_is_written_is_the_users_and_roots_files_stay(place: Place) -> None:
    path = place.put("a.bpf.c", PASS)
    owner = place.folder.stat().st_uid
    assert place.sudo("check", "-o", "answer.json", "--output-format", "json", path)[0] == 0
    assert (place.folder / "answer.json").stat().st_uid == owner
    status, said = place.sudo("check", "-o", "/etc/bpfdoctor-test", path)
    assert status == 2 and "cannot be written" in said and not Path("/etc/bpfdoctor-test").exists()


WHO = """#!/bin/sh
{{ id -u; id -G; grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status; }} > {report}
exec clang "$@"
"""


def test_the_compiler_is_the_user(place: Place) -> None:
    report = place.folder / "report"
    compiler = place.put("my-clang", WHO.format(report=report))
    compiler.chmod(0o755)
    status, said = place.sudo("check", "--clang", compiler, place.put("a.bpf.c", PASS))
    assert status == 0, said
    uid, groups, *capabilities = report.read_text().splitlines()
    assert int(uid) == place.folder.stat().st_uid != 0 and "0" not in groups.split()
    assert [int(line.split()[1], 16) for line in capabilities] == [0, 0, 0, 0]


SPY = "import os\nopen({mark!r}, 'a').write(f'{{os.getuid()}} {name}\\n')\nraise ImportError\n"
MODULES = ("sitecustomize", "usercustomize", "typing", "json", "dataclasses", "bpfdoctor", "typer", "lark")


def test_a_strangers_checkout_has_modules_of_the_names_that_we_import(place: Place) -> None:
    """sudo's own work: it lets none of these variables through. The folder is never on our path."""
    mark = place.folder / "imported"
    for name in MODULES:
        place.put(f"{name}.py", SPY.format(mark=str(mark), name=name))
    startup = place.put("startup", SPY.format(mark=str(mark), name="startup"))
    library = place.put("library.so", "no library")
    status, said = place.sudo(
        "check", place.put("a.bpf.c", PASS),
        PYTHONPATH=str(place.folder), PYTHONSTARTUP=str(startup), PYTHONHOME="/nonexistent",
        LD_PRELOAD=str(library), TMPDIR="/nonexistent", XDG_CACHE_HOME=str(place.folder), CLANG="/bin/false",
    )  # fmt: skip
    assert status == 0, said
    assert not mark.exists(), mark.read_text()


def test_python_m_imports_nothing_of_the_folder_as_soon_as_it_is_ours(place: Place) -> None:
    """What Python itself imports before us cannot be helped: runpy, importlib, pkgutil and what they take."""
    mark = place.folder / "imported"
    for name in ("typing", "dataclasses", "typer", "lark", "json", "shlex", "difflib", "subprocess"):
        place.put(f"{name}.py", SPY.format(mark=str(mark), name=name))
    command = [*USER, "sudo", "-n", sys.executable, "-m", "bpfdoctor", "check", place.put("a.bpf.c", PASS)]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, check=False, cwd=place.folder
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not mark.exists(), mark.read_text()


@pytest.mark.parametrize("variable", ["TMPDIR", "XDG_CACHE_HOME", "HOME"])
def test_a_folder_that_is_handed_over_is_used_as_the_user(place: Place, variable: str) -> None:
    """`sudo TMPDIR=… bpfdoctor`: what root's rights may not do there, bpfdoctor does not."""
    (closed := Path(tempfile.mkdtemp(prefix="bpfdoctor-closed-"))).chmod(0o700)
    try:
        place.sudo("check", place.put("a.bpf.c", PASS), given=(f"{variable}={closed}",))
        if USER:
            assert os.listdir(closed) == []
    finally:
        shutil.rmtree(closed)


def test_folders_swapped_while_it_works_lead_nowhere(place: Place) -> None:
    """A link of the user's that points to root's file in every second moment."""
    fine = place.put("fine.bpf.c", PASS)
    swap = place.folder / "swap.py"
    place.put(
        "swap.py",
        "import os, sys\nn = 0\n"
        "while True:\n"
        f"    os.symlink([{str(fine)!r}, {SECRET!r}][n % 2], 'x'); os.rename('x', 'a.bpf.c'); n += 1\n",
    )
    link = place.folder / "a.bpf.c"
    swapping = subprocess.Popen([*USER, sys.executable, str(swap)], cwd=place.folder)
    try:
        while not link.is_symlink():
            pass
        hidden = secrets()
        for _ in range(6):
            _, said = place.sudo("check", "a.bpf.c", "-o", "a.out")
            said += (place.folder / "a.out").read_text() if (place.folder / "a.out").exists() else ""
            assert not [line for line in hidden if line in said]
            assert "bug in bpfdoctor" not in said
    finally:
        swapping.terminate()
        swapping.wait()
