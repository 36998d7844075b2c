"""What a stranger may put in place of a file, and the lint that keeps every reader away from it."""

from __future__ import annotations

import ast
import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import bpfdoctor
from bpfdoctor import regular_file
from bpfdoctor.capture import bcc_python, compile_db, detect
from bpfdoctor.lab import kernels
from bpfdoctor.log.repair import paste
from bpfdoctor.model.problem import Problem
from bpfdoctor.model.report import CaptureOptions, Flavour, RawReport, Stage

ROOT = Path(bpfdoctor.__file__).parent


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as each:
        each.bind(str(path))


def a_sparse_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def a_loop(path: Path) -> None:
    other = path.with_name("other")
    path.symlink_to(other)
    other.symlink_to(path)


def linked(path: Path, name: str, make: Callable[[Path], object]) -> None:
    """A link to something beside it."""
    make(path.with_name(name))
    path.symlink_to(name)


#: what makes it, and what is said of it
STRANGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "zero": (lambda path: path.symlink_to("/dev/zero"), "character device"),
    "urandom": (lambda path: path.symlink_to("/dev/urandom"), "character device"),
    "full": (lambda path: path.symlink_to("/dev/full"), "character device"),
    "terminal": (lambda path: path.symlink_to("/dev/ptmx"), "character device"),
    "two links": (lambda path: linked(path, "l", lambda link: link.symlink_to("/dev/zero")), "device"),
    "fifo": (os.mkfifo, "FIFO"),
    "link to a fifo": (lambda path: linked(path, "f", os.mkfifo), "FIFO"),
    "socket": (a_socket, "socket"),
    "directory": (Path.mkdir, "directory"),
    "link to a directory": (lambda path: path.symlink_to("/"), "directory"),
    "loop": (a_loop, ""),
    "dangling": (lambda path: path.symlink_to("nowhere"), ""),
    "sparse": (a_sparse_file, ""),
    "kernel memory": (lambda path: path.symlink_to("/proc/kcore"), ""),
    "kernel log": (lambda path: path.symlink_to("/proc/kmsg"), ""),
    "own memory": (lambda path: path.symlink_to("/proc/self/mem"), ""),
}  # fmt: skip


def tool(path: Path) -> None:
    path.with_name("tool.py").write_text(f"from bcc import BPF\nBPF(src_file={str(path)!r})\n")
    bcc_python.load(
        RawReport(b"", "tool.py", Flavour.PYTHON, Stage.LOADER), path.with_name("tool.py"), CaptureOptions()
    )


#: every way by which a user's file comes in, by the name that the file has there
WAYS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "the reader itself": ("file", lambda path: regular_file.read(path, 1 << 20)),
    "a program": ("a.bpf.c", detect.flavour),
    "an object": ("a.o", lambda path: detect.flavour(path, Flavour.OBJECT)),
    "a log": ("a.log", paste.read),
    "compile commands": ("compile_commands.json", lambda path: compile_db.flags_for(path.with_name("a.c"))),
    "a tool's text": ("a.c", tool),
    "a kernel": ("bzImage", kernels.from_path),
}  # fmt: skip


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_read_without_an_end(tmp_path: Path, way: str, kind: str) -> None:
    name, read = WAYS[way]
    make, words = STRANGE[kind]
    (tmp_path / "project").mkdir()
    path = tmp_path / "project" / name
    make(path)
    started = time.monotonic(), time.process_time()
    if way == "compile commands" and not words:
        with contextlib.suppress(Problem):
            assert read(path) == []  # what cannot be opened is no database
    elif kind == "kernel log":
        with contextlib.suppress(Problem, OSError):  # no error where the kernel has something to say
            read(path)
    else:
        with pytest.raises((Problem, OSError)) as caught:
            read(path)
        assert words in (caught.value.sentence if isinstance(caught.value, Problem) else str(caught.value))
    assert time.process_time() - started[1] < 2
    assert time.monotonic() - started[0] < (8 if way == "a log" and "fifo" in kind else 5)


def test_a_file_swapped_for_a_fifo_is_seen_after_opening(tmp_path: Path) -> None:
    """What was looked at and what was opened may be two things."""
    path, fifo = tmp_path / "a", tmp_path / "fifo"
    path.write_text("x")
    os.mkfifo(fifo)
    looked = os.stat(path)
    path.unlink()
    fifo.rename(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    assert regular_file.kind_of(looked.st_mode) == "" != regular_file.kind_of(os.fstat(descriptor).st_mode)
    os.close(descriptor)


def test_a_regular_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 3_000_000)
    (tmp_path / "link").symlink_to("a")
    assert regular_file.read(tmp_path / "link", 3_000_000) == path.read_bytes()
    assert regular_file.read(path, 3_000_000, first=10) == b"x" * 10
    with pytest.raises(Problem, match="larger than 2 MiB"):
        regular_file.read(path, 2 << 20)
    assert regular_file.read("/proc/sys/kernel/ostype", 100) == b"Linux\n"  # says it has no bytes


# The lint

#: modules that open files otherwise, and what files those are
ALLOWED = {
    "regular_file.py": "the one way",
    "render/environment.py": "the scripts of our own templates",
    "log/repair/paste.py": "pipes and terminals, of which there is no size; files come from regular_file",
    "capture/clang.py": "what clang wrote into a folder of ours",
    "capture/overlay.py": "what clang wrote into a folder of ours",
    "capture/variants.py": "what clang wrote into a folder of ours",
    "capture/vmlinux.py": "the kernel's notes, and what bpftool wrote into our cache",
    "capture/python_calls.py": "the vmlinux.h in our cache",
    "capture/python_bpf.py": "/proc",
    "capture/privileges.py": "/proc",
    "capture/bars.py": "/proc and /sys",
    "capture/bcc_headers.py": "a folder of our cache, to lock it",
    "capture/kernel_config.py": "/proc",
    "rights.py": "/proc",
    "forked.py": "/proc",
    "capture/_child_io.py": "our own pipe",
    "capture/_libbpf_child.py": "libbpf's own way to open bytes",
    "capture/_bcc_child.py": "/proc",
    "capture/_tool_child.py": "a tool that runs secluded, and what it reads there",
    "capture/_recorder.py": "/dev/null",
    "capture/_record_child.py": "libbpf's own way to open bytes",
    "machine/concrete/calls/": "the memory of a program: its read_text reads no file",
    "mending.py": "the kernel's types",
    "capture/_memory.py": "/proc",
    "capture/endless.py": "/proc",
    "capture/packages.py": "/etc/os-release",
    "capture/_hooks.py": "/proc, and a library that is loaded already",
    "capture/_tracefs.py": "tracefs, and what it shows in a mount namespace of its own",
    "preflight/live/": "the kernel's own files under fixed names: /proc, tracefs, perf",
    "preflight/system/": "the kernel's own files under fixed names: /proc, /sys, tracefs",
    "cli/output_file.py": "writes",
    "catalogue/": "our rules",
    "cached.py": "our cache",
    "resources.py": "what came with bpfdoctor",
    "grammar.py": "our grammars",
    "kernel/table.py": "our tables of the kernel's facts",
    "kernel/from_headers.py": "our tables of what the kernel's headers say",
    "kernel/declared.py": "our tables of what headers and clang declare",
    "cli/run.py": "/dev/null",
    "cli/machine_state.py": "the kernel's own files under fixed names: /proc, /sys",
    "cli/terminal.py": "/dev/null",
    "matrix.py": "our corpus",
    "lab/cases.py": "our corpus",
    "lab/compiled.py": "our corpus",
    "lab/recording.py": "/sys",
    "lab/guest_build.py": "our C sources",
    "lab/ready.py": "our own init",
    "lab/pool.py": "our cache, and /proc",
    "lab/kernels.py": "our cache",
    "lab/kernel_btf.py": "our cache",
    "lab/qemu.py": "our cache, and /proc",
    "lab/vm.py": "/proc",
    "lab/paths.py": "our locks",
    "lab/kernel_index.py": "our list of kernels",
    "lab/snapshot.py": "our cache",
    "lab/apt.py": "a pipe from dpkg-deb",
}
READERS = {"open", "read_bytes", "read_text", "fdopen", "copyfile", "copy", "copy2", "copytree", "fromfile"}


def opened(tree: ast.Module) -> Iterator[int]:
    """The lines on which a file is opened."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if name in READERS and not (name == "copy" and not node.args):  # {}.copy()
                yield node.lineno


def test_no_module_reads_a_users_file_in_its_own_way() -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in ROOT.rglob("*.py")
        if (lines := list(opened(ast.parse(path.read_text()))))
    }
    new = {name: lines for name, lines in found.items() if not name.startswith(tuple(ALLOWED))}
    assert not new, (
        f"{new}: a file that a user named is read with bpfdoctor.regular_file; "
        "if these are our own or the kernel's, say so in ALLOWED"
    )
    unused = [allowed for allowed in ALLOWED if not any(name.startswith(allowed) for name in found)]
    assert not unused, "they open nothing any more"


@pytest.mark.parametrize(
    "text", ["open(x)", "Path(x).read_text()", "os.open(x, 0)", "x.open()", "io.open(x)", "shutil.copy(x, y)"]
)
def test_the_lint_sees_every_way_to_open(text: str) -> None:
    assert list(opened(ast.parse(text))) == [1]
