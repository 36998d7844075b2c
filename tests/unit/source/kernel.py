"""Compiles the programs beside it and asks the running kernel's verifier about them."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bpfdoctor.log.line import CommentLine, InsnLine
from bpfdoctor.log.lines import parse
from bpfdoctor.model.report import Flavour, Program, RawReport, SourceFile, Stage
from bpfdoctor.model.trace import Comment, Step
from bpfdoctor.model.transcript import Transcript
from bpfdoctor.source import Source
from tests.compilers import CLANG, HEADERS

PROGRAMS = Path(__file__).parent / "programs"
_ERRORS = 1 << 22

needs_kernel = pytest.mark.skipif(os.geteuid() != 0, reason="loading BPF programs needs root")


@cache
def compiled(name: str, clang: str = CLANG, *flags: str) -> bytes:
    """The object of programs/NAME."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "x.o"
        command = [
            clang,
            "-g",
            "-O2",
            "-target",
            "bpf",
            f"-I{HEADERS}",
            *flags,
            "-c",
            str(PROGRAMS / name),
            "-o",
            str(out),
        ]
        subprocess.run(command, check=True)
        return out.read_bytes()


@cache
def linked(*objects: bytes) -> bytes:
    """Several objects made one by libbpf's static linker."""
    with tempfile.TemporaryDirectory() as folder:
        names = [str(Path(folder) / f"{number}.o") for number in range(len(objects))]
        for name, data in zip(names, objects, strict=True):
            Path(name).write_bytes(data)
        out = Path(folder) / "all.o"
        subprocess.run(["bpftool", "gen", "object", str(out), *names], check=True)
        return out.read_bytes()


@cache
def _libbpf() -> ctypes.CDLL:
    lib = ctypes.CDLL("libbpf.so.1")
    pointer = ctypes.c_void_p
    for name, result, arguments in (
        ("bpf_object__open_mem", pointer, [ctypes.c_char_p, ctypes.c_size_t, pointer]),
        ("bpf_object__next_program", pointer, [pointer, pointer]),
        ("bpf_program__name", ctypes.c_char_p, [pointer]),
        ("bpf_program__set_autoload", ctypes.c_int, [pointer, ctypes.c_bool]),
        ("bpf_program__set_log_buf", ctypes.c_int, [pointer, pointer, ctypes.c_size_t]),
        ("bpf_program__set_log_level", ctypes.c_int, [pointer, ctypes.c_uint32]),
        ("bpf_object__load", ctypes.c_int, [pointer]),
        ("bpf_object__close", None, [pointer]),
    ):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    lib.libbpf_set_print(None)
    return lib


def _programs(lib: ctypes.CDLL, opened: int) -> Iterator[tuple[int, str]]:
    program = lib.bpf_object__next_program(opened, None)
    while program:
        yield program, lib.bpf_program__name(program).decode()
        program = lib.bpf_object__next_program(opened, program)


def program_names(data: bytes) -> list[str]:
    """The programs that libbpf finds in an object."""
    lib = _libbpf()
    opened = lib.bpf_object__open_mem(data, len(data), None)
    names = [name for _, name in _programs(lib, opened)]
    lib.bpf_object__close(opened)
    return names


@cache
def log(data: bytes, name: str, level: int = 1) -> str:
    """What the verifier prints about one program of an object."""
    lib = _libbpf()
    opened = lib.bpf_object__open_mem(data, len(data), None)
    buffer = ctypes.create_string_buffer(_ERRORS)
    for program, found in _programs(lib, opened):
        lib.bpf_program__set_autoload(program, found == name)
        if found == name:
            lib.bpf_program__set_log_buf(program, buffer, len(buffer))
            lib.bpf_program__set_log_level(program, level)
    lib.bpf_object__load(opened)
    lib.bpf_object__close(opened)
    text = buffer.value.decode()
    assert text, f"the kernel said nothing about {name}"
    return text


def steps(text: str) -> list[Step]:
    """The instructions of a log in the order of the text, each with the comment in force."""
    found: list[Step] = []
    comment: Comment | None = None
    offset = 0
    in_table = False
    for line in text.split("\n"):
        in_table = line.startswith("Live regs") or (in_table and line.startswith(" "))
        read = None if in_table else parse(line)
        if isinstance(read, CommentLine):
            comment = read.comment
        elif isinstance(read, InsnLine):
            found.append(Step(len(found), read.insn, offset, comment=comment))
        offset += len(line.encode()) + 1
    return found


def source(
    text: str,
    name: str | None = None,
    *,
    files: tuple[SourceFile, ...] = (),
    data: bytes | None = None,
    flavour: Flavour = Flavour.LIBBPF,
    **more: object,
) -> Source:
    """A Source over a log, the user's files and an object, each of which may be missing."""
    raw = RawReport(
        data=text.encode(),
        source=files[0].path if files else "log.txt",
        flavour=flavour,
        stage=Stage.VERIFIER,
        program=Program(name) if name else None,
        files=files,
        object=data,
        **more,  # type: ignore[arg-type]
    )
    return Source(raw, Transcript(raw, raw.data))


def file(name: str, path: str | None = None) -> SourceFile:
    return SourceFile(path or str(PROGRAMS / name), (PROGRAMS / name).read_text())


def unnumbered(text: str) -> str:
    """The log as kernels before 6.8 print it: without `@ file:line`."""
    return re.sub(r"^(; .*) @ \S+:\d+$", r"\1", text, flags=re.MULTILINE)
