"""The child that compiles a program with libbcc and writes down what loading it takes; it loads nothing.

A child because libbcc calls exit(1) when LLVM's back end gives up, and prints everything on descriptor 2. It
has no rights by then: a stranger's text is compiled. What it wrote down is loaded by another (_load_child).
"""

from __future__ import annotations

import ctypes as ct
import os

from bpfdoctor import bpf_calls, rights
from bpfdoctor.capture import _hooks, _memory, _tracefs
from bpfdoctor.capture._child_io import Conversation
from bpfdoctor.capture._recorder import Recorder
from bpfdoctor.kernel.capabilities import DAC_OVERRIDE, DAC_READ_SEARCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DEBUG_PREPROCESSOR = 4  # print the rewritten source: our map from its lines to the user's

_P, _S, _U, _I, _Z, _Q = ct.c_void_p, ct.c_char_p, ct.c_uint, ct.c_int, ct.c_size_t, ct.c_ulonglong
_FUNCTIONS = {
    "bpf_module_create_c_from_string": (_P, [_S, _U, ct.POINTER(_S), _I, ct.c_bool, _S]),
    "bpf_num_functions": (_Q, [_P]),
    "bpf_function_name": (_S, [_P, _Q]),
    "bpf_function_start": (_P, [_P, _S]),
    "bpf_function_size": (_Z, [_P, _S]),
    "bpf_module_license": (_S, [_P]),
    "bpf_module_kern_version": (_U, [_P]),
    "bcc_func_load": (_I, [_P, _I, _S, _P, _Z, _S, _U, _I, _P, _U, _S, _U, _I]),
}


class _Recorder(Recorder):
    """Writes down what libbcc loads of the function that is being recorded, and keeps what LLVM made."""

    def __init__(self, memory_mib: int) -> None:
        super().__init__(memory_mib)
        self.insns: bytes | None = None  # of the function that is being loaded
        self.object: bytes | None = None  # what LLVM made, with line and variable information

    def answer(self, command: int, address: int, size: int) -> int | None:
        """What bpf(command, …) gives: the hook asks."""
        if self.object is None and command in (bpf_calls.MAP_CREATE, bpf_calls.BTF_LOAD):
            self.object = _memory.bpf_object()  # libbcc may let go of it afterwards
        if command == bpf_calls.MAP_UPDATE:
            return 0  # no verdict depends on it
        return super().answer(command, address, size)

    def is_wanted(self, name: bytes, insns: bytes) -> bool:
        return insns == self.insns and super().is_wanted(name, insns)


def type_by_prefix(name: str) -> str | None:
    """The type that a function's name says: what BCC's own autoload goes by."""
    for prefix, kind in (
        ("kprobe__", "kprobe"),
        ("kretprobe__", "kprobe"),
        ("syscall__", "kprobe"),
        ("uprobe__", "kprobe"),
        ("uretprobe__", "kprobe"),
        ("tracepoint__", "tracepoint"),
        ("raw_tracepoint__", "raw_tracepoint"),
        ("kfunc__", "tracing"),
        ("kretfunc__", "tracing"),
        ("kmod_ret__", "tracing"),
        ("bpf_iter__", "tracing"),
        ("lsm__", "lsm"),
    ):
        if name.startswith(prefix):
            return kind
    return None


def main() -> None:
    """Compile the payload, and record the loads of its functions."""
    talk = Conversation()
    request = talk.request
    absent = _tracefs.show(request["tracepoints"]) if request["tracepoints"] else []
    _give_up_rights()
    try:
        lib = ct.CDLL("libbcc.so.0", use_errno=True)
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(lib, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        return talk.say("missing", what=str(error))
    recorder = _Recorder(request["memory_mib"])
    if not _hooks.answer_bpf(recorder.answer, "libbcc.so.0", "libbpf.so"):
        return talk.say("missing", what="its system calls cannot be watched on this machine")
    _hooks.compile_as_for_root()
    talk.say("started", version=_version(), absent=absent)
    flags = [os.fsencode(flag) for flag in request["cflags"]]
    array = (ct.c_char_p * len(flags))(*flags)
    module = lib.bpf_module_create_c_from_string(
        talk.payload, _DEBUG_PREPROCESSOR, array, len(flags), True, None
    )
    if not module:
        return talk.say("compiled", ok=False, functions=[])
    names = [lib.bpf_function_name(module, i) or b"" for i in range(lib.bpf_num_functions(module))]
    kinds = _kinds(names, request)
    compiled = recorder.object or _memory.bpf_object() or b""
    functions = [[_text(name), kind] for name, kind in zip(names, kinds, strict=True)]
    talk.say("compiled", ok=True, functions=functions, object=talk.store(compiled))
    if request["load"]:
        for index, (symbol, kind) in enumerate(zip(names, kinds, strict=True)):
            if kind is not None:
                _record_function(talk, recorder, lib, module, index, symbol, request["numbers"][kind])
        talk.say("recorded", where=talk.store(b"".join(recorder.calls)))
    return None


def _give_up_rights() -> None:
    """What was lent to look at tracepoints. Root itself keeps what it takes to read its files."""
    kept = rights.permitted() & {DAC_OVERRIDE, DAC_READ_SEARCH} if os.geteuid() == 0 else ()
    rights.set_capabilities(frozenset(kept), frozenset(kept), inheritable=frozenset())


def _record_function(
    talk: Conversation, recorder: _Recorder, lib: ct.CDLL, module: int, index: int, name: bytes, kind: int
) -> None:
    """Let libbcc load one function. What it says when it cannot even ask the kernel goes to the parent."""
    start, size = lib.bpf_function_start(module, name), lib.bpf_function_size(module, name)
    recorder.insns, before = ct.string_at(start, size), recorder.programs
    printed_before = os.lseek(2, 0, os.SEEK_CUR)
    license_, version = lib.bpf_module_license(module), lib.bpf_module_kern_version(module)
    fd: int = lib.bcc_func_load(module, kind, name, start, size, license_, version, 0, None, 0, None, 0, -1)
    error: int | None = ct.get_errno()
    if fd >= 0:
        os.close(fd)
    if recorder.programs > before:
        talk.say("function", index=index)
    else:
        printed = os.pread(2, 1 << 28, printed_before)
        talk.say("not_asked", index=index, errno=error, words=talk.store(printed))
    os.ftruncate(2, printed_before)
    os.lseek(2, printed_before, os.SEEK_SET)


def _kinds(names: list[bytes], request: dict[str, Any]) -> list[str | None]:
    """Each function's program type; None for those that are not to be loaded.

    The parent has read the source and says what it found; a function that came out of a macro is judged by
    its name.
    """
    known: dict[str, str | None] = request["types"]
    kinds = [known.get(_text(name), type_by_prefix(_text(name)) or request["default"]) for name in names]
    if not any(kinds):  # nothing looks like a program, so everything may be one
        kinds = [request["default"]] * len(names)
    wanted: list[str] = request["names"]
    return [
        kind if not wanted or _text(name) in wanted else None for name, kind in zip(names, kinds, strict=True)
    ]


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _version() -> str:
    """libbcc's version, from the name of its file: libbcc.so.0.26.0."""
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            at = line.find("libbcc.so.")
            if at >= 0:
                return line[at + len("libbcc.so.") :].strip()
    return ""
