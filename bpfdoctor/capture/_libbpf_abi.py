"""libbpf.so.1's functions, declared for ctypes, and its messages collected."""

from __future__ import annotations

import ctypes as ct
import struct
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_P, _S, _U, _I, _Z = ct.c_void_p, ct.c_char_p, ct.c_uint32, ct.c_int, ct.c_size_t

# name: (result, arguments); from libbpf.h, all there since 1.0
_FUNCTIONS = {
    "libbpf_set_print": (_P, [_P]),
    "libbpf_prog_type_by_name": (_I, [_S, ct.POINTER(_I), ct.POINTER(_I)]),
    "libbpf_bpf_prog_type_str": (_S, [_I]),
    "bpf_object__open_mem": (_P, [_P, _Z, _P]),
    "bpf_object__next_program": (_P, [_P, _P]),
    "bpf_object__next_map": (_P, [_P, _P]),
    "bpf_object__load": (_I, [_P]),
    "bpf_object__close": (None, [_P]),
    "bpf_program__name": (_S, [_P]),
    "bpf_program__section_name": (_S, [_P]),
    "bpf_program__type": (_I, [_P]),
    "bpf_program__set_type": (_I, [_P, _I]),
    "bpf_program__set_expected_attach_type": (_I, [_P, _I]),
    "bpf_program__set_attach_target": (_I, [_P, _I, _S]),
    "bpf_program__set_autoload": (_I, [_P, ct.c_bool]),
    "bpf_program__set_log_level": (_I, [_P, _U]),
    "bpf_program__set_log_buf": (_I, [_P, _P, _Z]),
    "bpf_map__name": (_S, [_P]),
    "bpf_map__set_pin_path": (_I, [_P, _S]),
    "bpf_map__type": (_I, [_P]),
    "bpf_map__key_size": (_U, [_P]),
    "bpf_map__value_size": (_U, [_P]),
    "bpf_map__max_entries": (_U, [_P]),
    "bpf_map__set_max_entries": (_I, [_P, _U]),
    "bpf_map__set_value_size": (_I, [_P, _U]),
    "bpf_map__set_key_size": (_I, [_P, _U]),
    "bpf_map__inner_map": (_P, [_P]),
    "bpf_map__set_inner_map_fd": (_I, [_P, _I]),
    "bpf_map_create": (_I, [_I, _S, _U, _U, _U, _P]),
    "bpf_program__fd": (_I, [_P]),
    "bpf_obj_get_info_by_fd": (_I, [_I, _P, ct.POINTER(_U)]),
    "bpf_program__insns": (_P, [_P]),
    "bpf_program__insn_cnt": (_Z, [_P]),
    "libbpf_major_version": (_U, []),
    "libbpf_minor_version": (_U, []),
}

_PRINT = ct.CFUNCTYPE(ct.c_int, ct.c_int, ct.c_char_p, ct.c_void_p)
_WARNING = 0  # LIBBPF_WARN
_DEBUG = 2
# struct bpf_prog_info and struct bpf_line_info of linux/bpf.h
_INFO, _NR_LINE_INFO, _LINE_INFO_SIZE, _LINE_INFO = 232, 148, 172, 16


class OpenOptions(ct.Structure):
    """The head of struct bpf_object_open_opts; `sz` tells libbpf that the rest is absent."""

    _fields_ = [("sz", ct.c_size_t), ("object_name", ct.c_char_p)]


class Libbpf:
    """libbpf, loaded, with what it says (warnings and infos, as it prints them) in `lines`.

    `whispered` has the last two lines that it prints only for debugging: a BTF section that it cannot finish
    ("Invalid size for section .rodata: 0 bytes") is a failure without any other word.
    """

    def __init__(self) -> None:
        """Raises OSError without libbpf.so.1."""
        self.lib = ct.CDLL("libbpf.so.1", use_errno=True)
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(self.lib, name)
            function.restype, function.argtypes = result, arguments
        self.lines: list[str] = []
        self.whispered: list[str] = []
        self.has_warned = False
        libc = ct.CDLL(None)
        libc.vsnprintf.argtypes = [ct.c_char_p, ct.c_size_t, ct.c_char_p, ct.c_void_p]

        def collect(level: int, form: bytes, arguments: int) -> int:
            text = ct.create_string_buffer(1 << 16)
            libc.vsnprintf(text, len(text), form, arguments)
            said = text.value.decode("utf-8", "replace")
            if level >= _DEBUG:
                self.whispered = [*self.whispered[-1:], said]
            else:
                self.lines.append(said)
                self.has_warned |= level == _WARNING
            return 0

        self._print = _PRINT(collect)  # kept alive with us
        self.lib.libbpf_set_print(ct.cast(self._print, ct.c_void_p))

    def version(self) -> str:
        """As "1.1"."""
        return f"{self.lib.libbpf_major_version()}.{self.lib.libbpf_minor_version()}"

    def programs(self, obj: int) -> Iterator[int]:
        """The handles of an object's programs, in libbpf's order."""
        return self._walk(self.lib.bpf_object__next_program, obj)

    def maps(self, obj: int) -> Iterator[int]:
        """The handles of an object's maps, in libbpf's order."""
        return self._walk(self.lib.bpf_object__next_map, obj)

    @staticmethod
    def _walk(following: ct._FuncPointer, obj: int) -> Iterator[int]:
        item = following(obj, None)
        while item:
            yield item
            item = following(obj, item)

    def lines_of(self, program: int) -> list[tuple[int, int]]:
        """(file, line) of the code that the kernel kept of a loaded program; the file as an offset into .BTF.

        It removes what no path of the verifier reached.
        """
        info, size = ct.create_string_buffer(_INFO), ct.c_uint32(_INFO)
        fd = self.lib.bpf_program__fd(program)
        if self.lib.bpf_obj_get_info_by_fd(fd, info, ct.byref(size)):
            return []
        count = int.from_bytes(info.raw[_NR_LINE_INFO : _NR_LINE_INFO + 4], sys.byteorder)
        records = ct.create_string_buffer(count * _LINE_INFO)
        asked = ct.create_string_buffer(_INFO)
        struct.pack_into("=IQ", asked, _NR_LINE_INFO, count, ct.addressof(records))
        struct.pack_into("=I", asked, _LINE_INFO_SIZE, _LINE_INFO)
        size.value = _INFO
        if self.lib.bpf_obj_get_info_by_fd(fd, asked, ct.byref(size)):
            return []
        found = struct.iter_unpack("=IIII", records.raw)
        return sorted({(file, where >> 10) for _, file, _, where in found})

    def type_by_name(self, name: str) -> tuple[int, int] | None:
        """(program type, expected attach type) of a section or type name; None for an unknown one."""
        kind, attach = ct.c_int(0), ct.c_int(0)
        said = len(self.lines)
        found = self.lib.libbpf_prog_type_by_name(name.encode(), ct.byref(kind), ct.byref(attach)) == 0
        del self.lines[said:]  # "failed to guess program type" is no news to the user
        if found:
            return kind.value, attach.value
        for number in range(1, 64):
            known = self.lib.libbpf_bpf_prog_type_str(number)
            if known is None:
                break
            if known.decode() == name:
                return number, 0
        return None
