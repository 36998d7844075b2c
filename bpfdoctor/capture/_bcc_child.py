"""The child that compiles a program with libbcc and loads its functions; never attaches.

A child because libbcc calls exit(1) when LLVM's back end gives up, and prints everything on descriptor 2.
"""

from __future__ import annotations

import ctypes as ct
import os

from bpfdoctor.capture import _memory, _syscall_hook, privileges
from bpfdoctor.capture._child_io import Conversation, processed
from bpfdoctor.capture._limits import TRACE_LEVEL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DEBUG_PREPROCESSOR = 4  # print the rewritten source: our map from its lines to the user's
_SHORT_LOG = 1 << 16
_MAP_CREATE, _PROG_LOAD, _BTF_LOAD = 0, 5, 18  # enum bpf_cmd
_RINGBUF = 27

#: enum bpf_prog_type, in the kernel's order
TYPES = (
    "unspec", "socket_filter", "kprobe", "sched_cls", "sched_act", "tracepoint", "xdp", "perf_event",
    "cgroup_skb", "cgroup_sock", "lwt_in", "lwt_out", "lwt_xmit", "sock_ops", "sk_skb", "cgroup_device",
    "sk_msg",
    "raw_tracepoint", "cgroup_sock_addr", "lwt_seg6local", "lirc_mode2", "sk_reuseport", "flow_dissector",
    "cgroup_sysctl", "raw_tracepoint_writable", "cgroup_sockopt", "tracing", "struct_ops", "ext", "lsm",
    "sk_lookup", "syscall", "netfilter",
)  # fmt: skip

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


class Attributes(ct.Structure):
    """union bpf_attr for BPF_PROG_LOAD (linux/bpf.h), as far as we change it."""

    _fields_ = [
        ("prog_type", ct.c_uint32),
        ("insn_cnt", ct.c_uint32),
        ("insns", ct.c_uint64),
        ("license", ct.c_uint64),
        ("log_level", ct.c_uint32),
        ("log_size", ct.c_uint32),
        ("log_buf", ct.c_uint64),
    ]


class MapAttributes(ct.Structure):
    """union bpf_attr for BPF_MAP_CREATE, its first fields."""

    _fields_ = [
        ("map_type", ct.c_uint32),
        ("key_size", ct.c_uint32),
        ("value_size", ct.c_uint32),
        ("max_entries", ct.c_uint32),
    ]


class Loader:
    """Sees libbcc's system calls: bounds its maps, and loads its programs with our log level and buffer."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.maps_left: int = talk.request["memory_mib"] << 20
        self.insns: bytes | None = None  # of the function that is being loaded
        self.outcome: tuple[dict[str, Any], int] | None = None  # (message, errno)
        self.silent: tuple[dict[str, Any], bytes] | None = None  # (message, text) of a refusal without a log
        self.object: bytes | None = None  # what LLVM made, with line and variable information

    def answer(self, command: int, address: int, size: int) -> int | None:
        """What bpf(command, …) gives: the hook asks. None lets the call pass."""
        if self.object is None and command in (_MAP_CREATE, _BTF_LOAD):  # libbcc may let go of it afterwards
            self.object = _memory.bpf_object()
        if command == _MAP_CREATE:
            return self.map_create(MapAttributes.from_address(address))
        if command == _BTF_LOAD and not self.talk.request["load"]:
            return self.fail(1)
        if command == _PROG_LOAD and not self.talk.request["load"]:
            return os.open("/dev/null", os.O_RDONLY)  # libbpf probing what the kernel can do
        if command == _PROG_LOAD and self.insns is not None:
            attributes = Attributes.from_address(address)
            if ct.string_at(attributes.insns, attributes.insn_cnt * 8) == self.insns:
                return self.prog_load(attributes, address, size)
        return None

    def map_create(self, attributes: MapAttributes) -> int | None:
        """Refuse maps that together take more memory than we may use; create none when we are not to load."""
        if not self.talk.request["load"]:
            return os.open("/dev/null", os.O_RDONLY)
        each = 1 if attributes.map_type == _RINGBUF else attributes.key_size + attributes.value_size
        self.maps_left -= each * attributes.max_entries
        return self.fail(12) if self.maps_left < 0 else None  # ENOMEM

    def prog_load(self, attributes: Attributes, address: int, size: int) -> int:
        """Load with log level 4, when refused with the wanted one. libbcc's retries get the same answer."""
        if self.outcome:
            return self.fail(self.outcome[1])
        short = ct.create_string_buffer(_SHORT_LOG)
        attributes.log_level, attributes.log_size = 4, _SHORT_LOG
        attributes.log_buf = ct.addressof(short)
        fd = _syscall_hook.bpf(_PROG_LOAD, address, size)
        error = ct.get_errno()
        if fd >= 0:
            log = short.value
            facts: dict[str, Any] = {"verdict": "loads", "errno": None, "insns": processed(log), "cut": False}
            self.outcome = (facts | {"where": self.talk.store(log)}, 0)
            return fd
        said = f"bpf: Failed to load program: {os.strerror(error)}\n".encode()
        if not short.value and error != 28:  # refused before the verifier looked at it; libbcc may try again
            self.silent = ({"verdict": "not-loaded", "errno": error, "insns": None, "cut": False}, said)
            return self.fail(error)
        room = self.talk.room(said)
        attributes.log_level, attributes.log_size = TRACE_LEVEL, room.size
        attributes.log_buf = room.address
        again = _syscall_hook.bpf(_PROG_LOAD, address, size)
        cut = again < 0 and ct.get_errno() == 28  # ENOSPC
        if again >= 0:
            os.close(again)
        insns = processed(room.tail())
        if room.log_length():
            where = self.talk.keep(room, b"\n")
        else:
            self.talk.keep(room, b"\n")
            where = self.talk.store(said + short.value + b"\n")
            insns = processed(short.value)
        facts = {"verdict": "refused", "errno": error, "insns": insns, "cut": cut}
        self.outcome = (facts | {"where": where}, error)
        return self.fail(error)

    def fail(self, error: int) -> int:
        """A system call's way of failing."""
        ct.set_errno(error)
        return -1

    def expect(self, insns: bytes) -> None:
        """The next load of these instructions is a function's."""
        self.insns, self.outcome, self.silent = insns, None, None

    def load(self, lib: ct.CDLL, module: int, index: int, name: bytes, kind: int, hooked: bool) -> None:
        """Load one function and tell the parent what became of it."""
        start, size = lib.bpf_function_start(module, name), lib.bpf_function_size(module, name)
        self.expect(ct.string_at(start, size))
        before = os.lseek(2, 0, os.SEEK_CUR)
        # Without the hook libbcc makes its own log, and prints it on descriptor 2.
        level = 0 if hooked else TRACE_LEVEL
        license_, version = lib.bpf_module_license(module), lib.bpf_module_kern_version(module)
        fd: int = lib.bcc_func_load(
            module, kind, name, start, size, license_, version, level, None, 0, None, 0, -1
        )
        error: int | None = ct.get_errno()
        if fd >= 0:
            os.close(fd)
        self.insns = None
        printed = os.pread(2, 1 << 28, before)
        os.ftruncate(2, before)
        os.lseek(2, before, os.SEEK_SET)
        facts: dict[str, Any]
        if self.outcome:
            facts = self.outcome[0]
        elif self.silent:
            facts = self.silent[0] | {"where": self.talk.store(self.silent[1])}
        else:
            verdict = "loads" if fd >= 0 else "refused" if b"processed " in printed[-4096:] else "not-loaded"
            error = None if fd >= 0 else error
            facts = {"verdict": verdict, "errno": error, "insns": processed(printed[-4096:]), "cut": False}
            facts["where"] = self.talk.store(printed)
        self.talk.say("function", index=index, **facts)


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


def mount_tracefs() -> None:
    """Show tracefs to this process alone, for TRACEPOINT_PROBE reads an event's format from it."""
    libc = ct.CDLL(None, use_errno=True)
    private, recursive = 1 << 18, 0x4000
    if libc.unshare(0x20000) == 0 and libc.mount(b"none", b"/", None, recursive | private, None) == 0:
        libc.mount(b"tracefs", b"/sys/kernel/tracing", b"tracefs", 0, None)


def absent_tracepoints(wanted: list[str]) -> list[str] | None:
    """Those of `wanted` (category:event) that this kernel lacks; None when tracefs is not there to ask."""
    for base in ("/sys/kernel/debug/tracing/events", "/sys/kernel/tracing/events"):
        if os.path.isdir(base):
            return [name for name in wanted if not os.path.exists(f"{base}/{name.replace(':', '/')}/format")]
    return None


def main() -> None:
    """Compile the payload; load its functions when asked to."""
    talk = Conversation()
    request = talk.request
    if request["mount_tracefs"]:
        mount_tracefs()
    absent = absent_tracepoints(request["tracepoints"]) if request["tracepoints"] else []
    try:
        lib = ct.CDLL("libbcc.so.0", use_errno=True)
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(lib, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError) as error:
        return talk.say("missing", what=str(error))
    loader = Loader(talk)
    hooked = request["hook"] and _syscall_hook.install(loader.answer, ("libbcc.so.0", "libbpf.so"))
    if not hooked and not request["load"]:
        return talk.say("missing", what="its system calls cannot be watched on this machine")
    privileges.drop(request["capabilities"])
    talk.say("started", version=_version(), absent=absent)
    flags = [flag.encode() for flag in request["cflags"]]
    array = (ct.c_char_p * len(flags))(*flags)
    module = lib.bpf_module_create_c_from_string(
        talk.payload, _DEBUG_PREPROCESSOR, array, len(flags), True, None
    )
    if not module:
        return talk.say("compiled", ok=False, functions=[])
    names = [lib.bpf_function_name(module, i) or b"" for i in range(lib.bpf_num_functions(module))]
    kinds = _kinds(names, request)
    compiled = loader.object or _memory.bpf_object() or b""
    functions = [[_text(name), kind] for name, kind in zip(names, kinds, strict=True)]
    talk.say("compiled", ok=True, functions=functions, object=talk.store(compiled))
    if not request["load"]:
        return None
    for index, (symbol, kind) in enumerate(zip(names, kinds, strict=True)):
        if kind is not None and _text(symbol) not in request["done"]:
            talk.say("loading", index=index)
            loader.load(lib, module, index, symbol, TYPES.index(kind), hooked)
    return None


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
