"""Types, members, padding and maps from .BTF, judged by what clang was told."""

from __future__ import annotations

import struct
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpfdoctor.formats.btf import Btf
from bpfdoctor.formats.btf_ext import BtfExt
from bpfdoctor.formats.debug_info import DebugInfo
from bpfdoctor.formats.dwarf_types import DwarfTypes
from bpfdoctor.formats.elf import Elf
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.members import Leaf, leaves, member_at, padding
from bpfdoctor.source.syntax_types import SyntaxTypes
from tests.compilers import CLANG, CLANGS

from .kernel import compiled, file, source


@cache
def btf(name: str = "packet.bpf.c", clang: str = CLANG) -> Btf:
    found = Btf.from_elf(compiled(name, clang))
    assert found
    return found


@pytest.mark.parametrize("clang", CLANGS)
@pytest.mark.parametrize(
    ("offset", "size", "path"),
    [
        (0, 4, "saddr"),
        (4, 2, "port"),
        (6, 1, None),  # padding
        (8, 8, "bytes"),
        (12, 4, "bytes"),  # its upper half
        (16, 1, "name[0]"),
        (16, 16, "name"),
        (19, 1, "name[3]"),
        (32, 2, "parts[0].low"),
        (36, 2, "parts[1].low"),
        (34, 2, None),  # two bit-fields share these bytes
        (0, 48, ""),  # the whole
        (46, 4, None),  # over the end
        (48, 1, None),
        (-1, 1, None),
    ],
)
def test_the_member_at_an_offset(clang: str, offset: int, size: int, path: str | None) -> None:
    types = btf(clang=clang)
    flow = types.find("struct flow")
    assert flow is not None
    assert types.size(flow) == 48
    assert member_at(types, flow, offset, size) == path


@pytest.mark.parametrize("dwarf", ["-gdwarf-4", "-gdwarf-5"])
@pytest.mark.parametrize("clang", CLANGS)
def test_the_type_of_a_local_is_in_dwarf_alone(clang: str, dwarf: str) -> None:
    data = compiled("packet.bpf.c", clang, dwarf)
    types = Btf.from_elf(data)
    assert types and types.find("struct udphdr") is None
    found = source("", "drop_dns", data=data)
    assert found.member("struct udphdr", 2, 2) == "dest"
    assert found.member("udphdr", 2, 2) == "dest"
    assert found.member("struct iphdr", 0, 1) is None  # two bit-fields share the byte
    assert found.member("struct iphdr", 12, 4) in ("saddr", "addrs.saddr")
    assert found.member("struct ethhdr", 6, 1) == "h_source[0]"


@pytest.mark.parametrize("dwarf", ["-gdwarf-4", "-gdwarf-5"])
@pytest.mark.parametrize("clang", CLANGS)
def test_btf_dwarf_and_the_text_lay_a_struct_out_alike(clang: str, dwarf: str) -> None:
    data = compiled("variables.bpf.c", clang, dwarf)
    elf = Elf.read(data)
    assert elf
    c = CFile(file("variables.bpf.c").text)
    seen = []
    for types in (Btf.from_elf(elf), DwarfTypes(DebugInfo(elf)), SyntaxTypes(c)):
        assert types
        id = types.find("struct key")
        assert id is not None
        seen.append(
            (
                types.size(id),
                [(leaf.path, leaf.offset, leaf.size) for leaf in leaves(types, id)],
                padding(types, id),
                [member_at(types, id, at, 1) for at in range(24)],
            )
        )
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize("dwarf", ["-gdwarf-4", "-gdwarf-5"])
def test_bit_fields_lie_where_btf_says_in_both_versions_of_dwarf(dwarf: str) -> None:
    elf = Elf.read(compiled("packet.bpf.c", CLANG, dwarf))
    assert elf
    found = []
    for types in (Btf.from_elf(elf), DwarfTypes(DebugInfo(elf))):
        assert types
        id = types.find("struct flow")
        assert id is not None
        found.append([(leaf.path, leaf.offset, leaf.size) for leaf in leaves(types, id)])
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("text", "size", "holes"),
    [
        ("struct k { u32 pid; u64 ts; };", 16, ((4, 8),)),
        ("struct k { u64 ts; u32 pid; };", 16, ((12, 16),)),
        ("#define N (4 * 2)\nstruct k { char a[N + 1]; int b; };", 16, ((9, 12),)),
        ("#define A 2u\n#define B (A + 1)\nstruct k { char a[B * 2]; };", 6, ()),
        ("#define A 1 << 4\nstruct k { char a[A]; };", 16, ()),
        ("struct k { char comm[TASK_COMM_LEN]; pid_t pid; };", 20, ()),
        ("struct in { u8 a; u16 b; }; struct k { struct in x[2]; u8 c; };", 10, ((1, 2), (5, 6), (9, 10))),
        ("typedef struct { void *p; u8 b; } k;", 16, ((9, 16),)),
        ("union k { u8 a; u64 b; };", 8, ()),
        ("struct k { const char *name; unsigned long long n; bool b; };", 24, ((17, 24),)),
    ],
)
def test_a_struct_is_laid_out_from_the_text_alone(
    text: str, size: int, holes: tuple[tuple[int, int], ...]
) -> None:
    types = SyntaxTypes(CFile(text))
    id = types.find("union k" if text.startswith("union") else "k")
    assert id is not None
    assert types.size(id) == size
    assert padding(types, id) == holes


@pytest.mark.parametrize(
    "text",
    [
        "struct k { struct unknown x; };",
        "struct k { u32 a : 3; u32 b : 5; };",
        "struct k { u8 a; u64 b; } __attribute__((packed));",
        "struct k { u8 a; u64 b; } __packed;",
        "struct k { u8 a; u8 b[SOMETHING]; };",
        "#define A B\n#define B A\nstruct k { u8 b[A]; };",
        "struct k { u8 b[sizeof(struct x)]; };",
        "struct k { struct k again; };",
        "struct k { struct { u8 a; }; u8 b; };",
    ],
)
def test_a_layout_that_the_text_does_not_tell_is_not_guessed(text: str) -> None:
    assert SyntaxTypes(CFile(text)).find("struct k") is None


def test_padding_is_what_no_member_covers() -> None:
    types = btf("variables.bpf.c")
    key = types.find("struct key")
    assert key is not None
    assert [(leaf.path, leaf.offset, leaf.size) for leaf in leaves(types, key)] == [
        ("kind", 0, 1),
        ("id", 8, 8),
        ("port", 16, 2),
    ]
    assert padding(types, key) == ((1, 8), (18, 24))


def test_a_string_is_one_leaf_and_a_bit_field_has_its_bytes() -> None:
    types = btf()
    flow = types.find("struct flow")
    assert flow is not None
    found = {leaf.path: leaf for leaf in leaves(types, flow)}
    assert (found["name"].offset, found["name"].size) == (16, 16)
    assert (found["parts[2].rest"].offset, found["parts[2].rest"].size) == (42, 2)
    assert all(isinstance(leaf, Leaf) for leaf in found.values())


@pytest.mark.parametrize("clang", CLANGS)
def test_maps_have_key_and_value_with_their_sizes(clang: str) -> None:
    maps = btf("variables.bpf.c", clang).maps
    seen = maps["seen"]
    assert (seen.type, seen.key, seen.key_size) == (1, "struct key", 24)
    assert (seen.value, seen.value_size, seen.max_entries) == ("__u64", 8, 8)
    assert (maps["events"].type, maps["events"].max_entries, maps["events"].value) == (27, 4096, None)
    sized = maps["a_map_with_a_rather_long_name"]
    assert (sized.key, sized.key_size, sized.value_size) == (None, 4, 24)


def test_a_map_is_found_by_the_fifteen_characters_that_the_kernel_prints() -> None:
    found = source("", "look", data=compiled("variables.bpf.c"))
    cut = found.map("a_map_with_a_ra")
    assert cut and cut.name == "a_map_with_a_rather_long_name"
    assert found.map("a_map_with") is None
    assert found.member("struct key", 8, 8) == "id"
    assert found.member("struct unknown", 8, 8) is None


def test_types_are_spelled_as_in_c() -> None:
    types = btf("variables.bpf.c")
    params = types.params(types.functions["classify"])
    assert [(name, types.name(id)) for name, id in params] == [("bytes", "const __u8 *"), ("length", "int")]
    skb = types.params(types.functions["look"])[0]
    assert types.name(skb[1]) == "struct __sk_buff *"


def test_an_elf_without_btf_has_none() -> None:
    assert Btf.from_elf(compiled("packet.bpf.c", CLANG, "-g0")) is None
    assert Btf.from_elf(b"") is None
    assert Btf.from_elf(b"\x7fELF\x02\x01" + b"\0" * 80) is None


@settings(deadline=None)  # the first one compiles
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=8))
def test_damaged_btf_gives_fewer_types_and_no_exception(at: int, junk: bytes) -> None:
    elf = Elf.read(compiled("packet.bpf.c"))
    assert elf
    data = bytearray(elf.data(".BTF"))
    data[at % len(data) : at % len(data) + len(junk)] = junk
    _read_everything(bytes(data), elf.data(".BTF.ext"))


@settings(deadline=None)  # the first one compiles
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=8))
def test_damaged_line_info_gives_no_exception(at: int, junk: bytes) -> None:
    elf = Elf.read(compiled("packet.bpf.c"))
    assert elf
    data = bytearray(elf.data(".BTF.ext"))
    data[at % len(data) : at % len(data) + len(junk)] = junk
    _read_everything(elf.data(".BTF"), bytes(data))


def test_a_type_that_contains_itself_ends() -> None:
    kinds = b"".join(
        [
            struct.pack("<III", 0, 4 << 24 | 2, 16)
            + struct.pack("<IIIIII", 0, 1, 0, 0, 1, 64),  # struct { 1; 1; }
            struct.pack("<III", 0, 3 << 24, 0) + struct.pack("<III", 2, 2, 4),  # 2: array of itself
            struct.pack("<III", 0, 8 << 24, 3),  # 3: typedef of itself
            struct.pack("<III", 0, 2 << 24, 4),  # 4: pointer to itself
        ]
    )
    head = struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(kinds), len(kinds), 1)
    types = Btf(head + kinds + b"\0")
    assert len(types) == 5
    for id in range(6):
        types.name(id), types.size(id), leaves(types, id), padding(types, id)
        member_at(types, id, 3, 1)


def _read_everything(types: bytes, ext: bytes) -> None:
    try:
        found = Btf(types)
    except (ValueError, struct.error):
        return
    for id in range(min(len(found), 50)):
        found.name(id), found.size(id), found.members(id), found.params(id), member_at(found, id, 4, 4)
    assert found.maps is not None
    try:
        lines = BtfExt(ext, found)
    except (ValueError, struct.error):
        return
    for section in lines.lines:
        lines.line(section, 3)
