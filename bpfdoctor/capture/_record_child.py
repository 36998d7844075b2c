"""The child that lets libbpf prepare an object and writes down what it would load; it asks no kernel."""

from __future__ import annotations

import ctypes as ct
import mmap
import os

from bpfdoctor.capture import _hooks
from bpfdoctor.capture._child_io import Conversation
from bpfdoctor.capture._libbpf_child import Loader
from bpfdoctor.capture._recorder import Recorder

_LONGEST_NAME = 15  # bytes of a program's name that the kernel keeps


class _Recorder(Recorder):
    """Writes down one program: libbpf also loads small ones of its own to learn what the kernel can do.

    Since 1.5 it moves each map to a descriptor that it set aside before, and maps the memory of global
    variables. So a map is a file that has memory: by it the map is known whatever its descriptor.
    """

    wanted = b""

    def __init__(self, memory_mib: int) -> None:
        super().__init__(memory_mib)
        self._numbers: dict[int, int] = {}  # by the file's inode

    def is_wanted(self, name: bytes, insns: bytes) -> bool:
        return name == self.wanted[:_LONGEST_NAME]

    def new_map(self, size: int) -> int:
        descriptor = os.memfd_create("map")
        os.ftruncate(descriptor, -(-size // mmap.PAGESIZE) * mmap.PAGESIZE)
        self._numbers[os.fstat(descriptor).st_ino] = len(self._numbers) + 1
        return descriptor

    def number(self, descriptor: int) -> int:
        return self._numbers.get(os.fstat(descriptor).st_ino, descriptor)


def main() -> None:
    """Record the maps and programs of the payload, each program by itself."""
    talk = Conversation()
    try:
        loader = Loader(talk)
    except (OSError, AttributeError) as error:
        return talk.say("missing", what=str(error))
    recorder = _Recorder(talk.request["memory_mib"])
    if not _hooks.answer_bpf(recorder.answer, "libbpf.so"):
        return talk.say("missing", what="its system calls cannot be watched on this machine")
    obj = loader.open()
    if not obj:
        return talk.say("object", errno=ct.get_errno(), where=talk.store("".join(loader.bpf.lines).encode()))
    loader.list_programs(obj)
    loader.lib.bpf_object__close(obj)
    wanted: list[str] = talk.request["names"]
    for program in loader.listed:
        if wanted and program.name not in wanted:
            continue
        obj = loader.open()
        if not obj:
            continue
        recorder.calls.clear()
        loader.prepare(obj, {program.index})
        recorder.wanted = program.name.encode()
        result = loader.lib.bpf_object__load(obj)
        loader.lib.bpf_object__close(obj)
        where = talk.store(b"".join(recorder.calls))
        talk.say("recorded", name=program.name, ok=result == 0, where=where)
    return None
