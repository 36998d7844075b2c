"""How often the kernel hits a uprobe in a real process: counted by perf, without any BPF program."""

from __future__ import annotations

import ctypes
import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241}
_ATTR_SIZE, _CLOEXEC = 128, 8

#: a program that calls work() five times for each line it reads, and says when it has
LOOP = r"""
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int work(int);
int main(void) {
    char line[64];
    puts("ready"); fflush(stdout);
    while (fgets(line, sizeof(line), stdin)) {
        for (int n = 0; n < 5; n++) work(n);
        puts("done"); fflush(stdout);
    }
    return 0;
}
"""


@contextmanager
def running(*command: Path | str) -> Iterator[subprocess.Popen[str]]:
    """A program that waits for lines."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def hits(file: Path | str, offset: int, process: subprocess.Popen[str]) -> int:
    """How often the byte at `offset` of a file is run by a process while it reads one line."""
    with open("/sys/bus/event_source/devices/uprobe/type") as text:
        type = int(text.read())
    name = ctypes.create_string_buffer(os.fsencode(file))
    attr = bytearray(_ATTR_SIZE)
    struct.pack_into("<II", attr, 0, type, _ATTR_SIZE)
    struct.pack_into("<QQ", attr, 56, ctypes.addressof(name), offset)
    libc = ctypes.CDLL(None, use_errno=True)
    given = (ctypes.c_char * _ATTR_SIZE).from_buffer(attr)
    number = _PERF_EVENT_OPEN[os.uname().machine]
    event = libc.syscall(number, given, process.pid, -1, -1, _CLOEXEC)
    assert event >= 0, os.strerror(ctypes.get_errno())
    try:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"
        return int.from_bytes(os.read(event, 8), "little")
    finally:
        os.close(event)
