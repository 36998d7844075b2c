"""The child that loads what _bcc_child wrote down: BTF, maps, then each program; never attaches, never pins.

It repeats calls, and never sees the text they came from. lab/guest/replay.c does the same in a guest.
"""

from __future__ import annotations

import ctypes as ct
import os
import sys

from bpfdoctor import bpf_calls
from bpfdoctor.capture import _hooks, privileges
from bpfdoctor.capture._child_io import Conversation
from bpfdoctor.capture._limits import ALL_PATHS, TRACE_LEVEL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SHORT_LOG = 1 << 16
_ERRORS_AND_STATISTICS = 4  # a log level
_EINVAL, _ENOSPC = 22, 28
_LOAD_64_BITS = 0x18  # BPF_LD | BPF_IMM | BPF_DW: an instruction of two slots
# Where union bpf_attr has them (linux/bpf.h): (offset, bytes).
_MAP_NAME, _MAP_BTF, _MAP_TYPES, _MAP_INNER = (28, 16), (48, 4), (52, 8), (20, 4)
_LOG_LEVEL, _LOG_SIZE, _LOG_BUF = (24, 4), (28, 4), (32, 8)
_NAME, _PROG_BTF, _DEBUG_INFO = (48, 16), (72, 4), (76, 32)


class Call:
    """One call's attributes and what they point to, in memory that the kernel can read."""

    def __init__(self, attributes: bytes, blobs: tuple[bpf_calls.Blob, ...]) -> None:
        self._room = ct.create_string_buffer(attributes, len(attributes))
        self.blobs = {offset: ct.create_string_buffer(data, len(data)) for offset, data in blobs}
        for offset, blob in self.blobs.items():
            self[offset, 8] = ct.addressof(blob)

    def __getitem__(self, place: tuple[int, int]) -> int:
        offset, size = place
        return int.from_bytes(self._room.raw[offset : offset + size], sys.byteorder)

    def __setitem__(self, place: tuple[int, int], value: int) -> None:
        offset, size = place
        if offset + size <= len(self._room):
            ct.memmove(ct.addressof(self._room) + offset, value.to_bytes(size, sys.byteorder), size)

    def ask(self, command: int) -> int:
        """The kernel's answer; -1 with ctypes' errno set."""
        return _hooks.bpf(command, ct.addressof(self._room), len(self._room))


class Loader:
    """Repeats the calls in their order, with our descriptors for theirs."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.ours: dict[int, int] = {}  # descriptor written down -> ours

    def load_btf(self, theirs: int, call: Call) -> None:
        """As for libbcc, BTF that this kernel refuses is left out."""
        self.keep(theirs, call.ask(bpf_calls.BTF_LOAD))

    def create_map(self, theirs: int, call: Call) -> bool:
        """Whether the map was made; if not, the parent is told."""
        for place in (_MAP_BTF, _MAP_INNER):
            call[place] = self.ours.get(call[place], 0)
        if not call[_MAP_BTF]:
            call[_MAP_TYPES] = 0
        fd = call.ask(bpf_calls.MAP_CREATE)
        if fd < 0 and call[_MAP_BTF]:
            call[_MAP_BTF] = call[_MAP_TYPES] = 0
            fd = call.ask(bpf_calls.MAP_CREATE)
        error = ct.get_errno()
        if fd < 0:
            name = call[_MAP_NAME].to_bytes(16, sys.byteorder).split(b"\0", 1)[0]
            said = b"could not open bpf map: %s, error: %s\n" % (name, os.strerror(error).encode())
            self.talk.say("no_map", where=self.talk.store(said))
        self.keep(theirs, fd)
        return fd >= 0

    def keep(self, theirs: int, fd: int) -> None:
        """Remember what stands for a recorded descriptor, which may have stood for something else before."""
        self.ours.pop(theirs, None)
        if fd >= 0:
            self.ours[theirs] = fd

    def load_program(self, call: Call) -> dict[str, Any]:
        """Load with log level 4, when refused with the trace; what became of it, for the parent."""
        call[_PROG_BTF] = self.ours.get(call[_PROG_BTF], 0)
        if not call[_PROG_BTF]:
            call[_DEBUG_INFO] = 0
        bpf_calls.renumber_maps(call.blobs[8], lambda theirs: self.ours.get(theirs, 0))
        short = ct.create_string_buffer(_SHORT_LOG)
        call[_LOG_LEVEL], call[_LOG_SIZE] = _ERRORS_AND_STATISTICS, _SHORT_LOG
        call[_LOG_BUF] = ct.addressof(short)
        fd, error = self.ask_once_or_more(call, short)
        if fd >= 0:
            os.close(fd)
            if self.talk.request["all_paths"] and (found := self.traced(call))[0] == 0 and found[1][1]:
                return {"verdict": "loads", "errno": None, "cut": False, "log": found[1]}
            return self.judged("loads", None, short.value)
        if not short.value and error != _ENOSPC:  # refused before the verifier looked at it
            return self.judged("not-loaded", error, b"")
        again, log = self.traced(call)
        cut = again == _ENOSPC
        if not log[1]:
            return self.judged("refused", error, short.value) | {"cut": cut}
        return {"verdict": "refused", "errno": error, "cut": cut, "log": log}

    def traced(self, call: Call) -> tuple[int, tuple[int, int]]:
        """Load with the verifier's trace; (errno, where the trace is)."""
        room = self.talk.room()
        level = ALL_PATHS if self.talk.request["all_paths"] else TRACE_LEVEL
        call[_LOG_LEVEL], call[_LOG_SIZE], call[_LOG_BUF] = level, room.size, room.address
        fd = call.ask(bpf_calls.PROG_LOAD)
        error = 0 if fd >= 0 else ct.get_errno()
        if fd >= 0:
            os.close(fd)
        return error, self.talk.keep(room)

    def judged(self, verdict: str, error: int | None, log: bytes) -> dict[str, Any]:
        """What the parent is told of a program with a short log."""
        return {"verdict": verdict, "errno": error, "cut": False, "log": self.talk.store(log)}

    def ask_once_or_more(self, call: Call, log: ct.Array[ct.c_char]) -> tuple[int, int]:
        """(descriptor or -1, errno). An old kernel may refuse line information, or a name, without a word."""
        error = 0
        for left_out in ((), (_PROG_BTF, _DEBUG_INFO), (_NAME,)):
            for place in left_out:
                call[place] = 0
            fd = call.ask(bpf_calls.PROG_LOAD)
            error = ct.get_errno()
            if fd >= 0 or error != _EINVAL or log.value:
                return fd, error
        return -1, error


def main() -> None:
    """Repeat the calls of the payload; of the programs only those that the request says."""
    talk = Conversation()
    _unlimited_locked_memory()
    privileges.drop(talk.request["capabilities"])
    loader = Loader(talk)
    left: list[int | None] = list(talk.request["programs"])  # which function each is; None: leave it out
    for command, descriptor, attributes, blobs in bpf_calls.unpacked(talk.payload):
        call = Call(attributes, blobs)
        if command == bpf_calls.BTF_LOAD:
            loader.load_btf(descriptor, call)
        elif command == bpf_calls.MAP_CREATE:
            if not loader.create_map(descriptor, call):
                return
        elif (index := left.pop(0)) is not None:
            talk.say("loading", index=index)
            talk.say("function", index=index, **loader.load_program(call))


def _unlimited_locked_memory() -> None:
    """Before 5.11 maps and programs count as locked memory, of which a user may have little."""
    import resource

    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, unlimited)
    except (OSError, ValueError):
        return  # the kernel will say so where it matters
