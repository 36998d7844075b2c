"""Calls of the C library written out as loops, letter by letter."""

from __future__ import annotations

import pytest

from bpfdoctor.fixes.engine import edits
from bpfdoctor.fixes.own_loop import written_out
from bpfdoctor.fixes.plan import Site
from bpfdoctor.model.edits import apply
from bpfdoctor.source.csyntax import CFile

HEAD = "int f(struct pt_regs *ctx)\n{\n\tchar a[16], b[16], *p, c[2][8];\n\tint n;\n\n"


def patched(statement: str, needle: str) -> str:
    """The statement, with what is put before it; what `needle` begins is the call."""
    text = f"{HEAD}\t{statement}\n\treturn 0;\n}}\n"
    c = CFile(text)
    at = Site("a.c", 6, c.line(6).index(needle) + 1, c, c.functions[0])
    code = "{}".format
    new = apply(text, edits(written_out(at), lambda plan: code(plan.values["loop"]), lambda file: text))
    return new.removeprefix(HEAD).removesuffix("\n\treturn 0;\n}\n")


COMPARED = (
    "\tint differs = 0;\n\n\tfor (int i = 0; i < {count} && !differs; i++) {{\n\t\tdiffers = a[i] != b[i];\n"
)
IN_STRINGS = "\t\tif (!a[i])\n\t\t\tbreak;\n"


@pytest.mark.parametrize(
    ("statement", "count", "asked"),
    [
        ("if (memcmp(a, b, 8) == 0) n = 1;", "8", "if (differs == 0) n = 1;"),
        ("if (!memcmp(a, b, sizeof(a))) n = 1;", "sizeof(a)", "if (!differs) n = 1;"),
        ("if (memcmp(a, b, LENGTH)) n = 1;", "LENGTH", "if (differs) n = 1;"),
        ("n = __builtin_memcmp(a, b, 0x10) != 0;", "0x10", "n = differs != 0;"),
        ("n = bcmp(a, b, 8) == 0;", "8", "n = differs == 0;"),
    ],
)
def test_memory_is_compared_byte_by_byte(statement: str, count: str, asked: str) -> None:
    needle = next(name for name in ("__builtin_memcmp", "memcmp", "bcmp") if name in statement)
    assert patched(statement, needle) == f"{COMPARED.format(count=count)}\t}}\n\t{asked}"


@pytest.mark.parametrize(
    ("call", "count"),
    [("strcmp(a, b)", "sizeof(a) && i < sizeof(b)"), ("strncmp(a, b, 4)", "4"), ("strncmp(a, b, N)", "N")],
)
def test_texts_are_compared_up_to_their_end(call: str, count: str) -> None:
    assert patched(f"if ({call} == 0) n = 1;", "str") == (
        f"{COMPARED.format(count=count)}{IN_STRINGS}\t}}\n\tif (differs == 0) n = 1;"
    )


@pytest.mark.parametrize("call", ["strlen(a)", "strnlen(a, 16)", "__builtin_strlen(a)"])
def test_the_length_of_a_text_is_counted(call: str) -> None:
    assert patched(f"n = {call} + 1;", call[:5]) == (
        "\tunsigned int length = 0;\n\n\twhile (length < sizeof(a) && a[length])\n\t\tlength++;\n"
        "\tn = length + 1;"
    )


@pytest.mark.parametrize(
    ("type_", "is_bytes"),
    [("u8", True), ("__u8", True), ("unsigned char", True), ("u16", False), ("struct a", False)],
)
def test_only_arrays_of_bytes_are_walked(type_: str, is_bytes: bool) -> None:
    text = f"int f(void)\n{{\n\t{type_} a[16];\n\n\treturn strlen(a);\n}}\n"
    c = CFile(text)
    assert bool(written_out(Site("a.c", 5, 9, c, c.functions[0]))) is is_bytes


def test_each_loop_has_a_name_that_nothing_else_has() -> None:
    text = f"{HEAD}\tint length2 = strlen(a);\n\treturn length2 + strlen(b);\n}}\n"
    c, taken = CFile(text), {"length"}
    at = Site("a.c", 7, c.line(7).index("strlen") + 1, c, c.functions[0])
    assert "unsigned int length3 = 0;" in written_out(at, taken)[0].values["loop"]
    assert taken == {"length", "length3"}


def test_a_length_that_varies_ends_with_the_array() -> None:
    assert patched("if (memcmp(a, b, n) == 0) n = 1;", "mem") == (
        f"{COMPARED.format(count='n && i < sizeof(b)')}\t}}\n\tif (differs == 0) n = 1;"
    )


def test_what_is_no_array_of_the_same_type_is_compared_as_bytes() -> None:
    assert "((const unsigned char *)a)[i] != ((const unsigned char *)c)[i]" in patched(
        "if (memcmp(a, c, 8) == 0) n = 1;", "mem"
    )


@pytest.mark.parametrize("head", ["while (", "if (n && "])
def test_a_call_that_is_made_again_or_perhaps_not_at_all_stays_where_it_is(head: str) -> None:
    loop = "for (int i = 0; i < 8 && !differs; i++) { differs = a[i] != b[i]; }"
    assert patched(f"{head}memcmp(a, b, 8) == 0) n = 1;", "mem") == (
        f"\t{head}({{ int differs = 0; {loop} differs; }}) == 0) n = 1;"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "n = memcmp(a, b, 8);",  # the sign counts
        "if (memcmp(a, b, 8) < 0) n = 1;",
        "if (memcmp(a) == 0) n = 1;",
        "if (memcmp(p, p, n) == 0) n = 1;",  # so many bytes may be more than there are
        'if (strcmp(a, "x") == 0) n = 1;',  # without SEC(): BCC, which has no read-only data
        "memcpy(a, b, 8);",
        "n = strlen(p);",
        "n = strlen();",
    ],
)
def test_what_a_loop_would_do_otherwise_stays(statement: str) -> None:
    needle = next(name for name in ("mem", "strlen", "strcmp") if name in statement)
    assert patched(statement, needle) == f"\t{statement}"
