"""What becomes of global variables, tables and texts of a BCC program, letter by letter.

BCC loaded the patched programs (tests/cli/test_patches.py loads those of the corpus).
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bpfdoctor.fixes.constant_number import as_number, never_changes
from bpfdoctor.fixes.engine import edits
from bpfdoctor.fixes.global_to_map import moved
from bpfdoctor.fixes.own_copy import copied
from bpfdoctor.fixes.plan import Plan, Site
from bpfdoctor.fixes.table_as_code import as_code
from bpfdoctor.fixes.text_on_stack import in_functions, string
from bpfdoctor.model.edits import apply
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Declaration
from bpfdoctor.source.static_data import on_line

HEAD = "int kprobe__vfs_read(struct pt_regs *ctx)\n"


def site(text: str) -> Site:
    """The last line but one of the text."""
    c = CFile(text)
    function = c.functions[-1]
    return Site("a.c", function.end - 1, None, c, function)


def declared(at: Site, name: str) -> Declaration:
    found = at.c.declaration_of(name, at.line)
    assert found is not None
    return found


def patched(at: Site, plans: Iterable[Plan]) -> str:
    """The whole text with the plans; a plan that has no text of its own is the lines in its values."""
    return apply(at.c.text, edits(plans, lambda plan: "\n".join(plan.values["code"]), lambda file: at.c.text))


# Tables


def as_a_function(text: str, name: str) -> str:
    at = site(text)
    return patched(at, as_code(at, declared(at, name)))


def test_a_table_becomes_a_function_with_a_switch() -> None:
    table = "static const unsigned int sizes[] = { 16, 32, [4] = 64, 5 + 3 };\n\n"
    assert as_a_function(
        f"{table}{HEAD}{{\n\treturn sizes[ctx->di] + sizes[ctx->si + 1];\n}}\n", "sizes"
    ) == (
        "static inline unsigned int sizes_at(unsigned int i)\n{\n\tswitch (i) {\n\tcase 0: return 16;\n"
        "\tcase 1: return 32;\n\tcase 4: return 64;\n\tcase 5: return 5 + 3;\n\t}\n\treturn 0;\n}\n\n"
        f"{HEAD}{{\n\treturn sizes_at(ctx->di) + sizes_at(ctx->si + 1);\n}}\n"
    )


def test_a_local_table_becomes_one_before_its_function() -> None:
    assert as_a_function(
        f"{HEAD}{{\n\tstatic const u8 next[2] = {{ 1, 0 }};\n\tu64 n = ctx->di;\n\treturn next[n];\n}}\n",
        "next",
    ) == (
        "static inline u8 next_at(unsigned int i)\n{\n\tswitch (i) {\n\tcase 0: return 1;\n"
        "\tcase 1: return 0;\n\t}\n\treturn 0;\n}\n\n"
        f"{HEAD}{{\n\tu64 n = ctx->di;\n\treturn next_at(n);\n}}\n"
    )


def test_a_table_that_shares_its_line_stays_on_it() -> None:
    assert as_a_function(
        f"static u8 one[2] = {{ 'a', 'b' }}; int x = 4;\n{HEAD}{{\n\treturn one[ctx->di] + x;\n}}\n", "one"
    ) == (
        "static inline u8 one_at(unsigned int i) { switch (i) { case 0: return 'a'; case 1: return 'b'; } "
        f"return 0; }} int x = 4;\n{HEAD}{{\n\treturn one_at(ctx->di) + x;\n}}\n"
    )
    assert as_a_function(
        f"{HEAD}{{\n\tu8 a[2] = {{ 1, 2 }}; int n = ctx->di;\n\n\treturn a[n];\n}}\n", "a"
    ).endswith(f"{HEAD}{{\n\t int n = ctx->di;\n\n\treturn a_at(n);\n}}\n")


@pytest.mark.parametrize(
    "text",
    [
        "static u8 t[2] = { 1, 2 };\n" + HEAD + "{\n\tt[1] = 3;\n\treturn t[ctx->di];\n}\n",  # written
        "static u8 t[2] = { 1, 2 };\n" + HEAD + "{\n\treturn f(t) + t[ctx->di];\n}\n",  # passed on
        "static u8 t[2] = { 1, 2 };\n" + HEAD + "{\n\treturn *(&t[1]) + t[ctx->di];\n}\n",
        "static u8 t[2];\n" + HEAD + "{\n\treturn t[ctx->di];\n}\n",  # nothing in it
        "static u8 t[2] = { 1, &x };\n" + HEAD + "{\n\treturn t[ctx->di];\n}\n",
        "static struct a t[2] = { 1, 2 };\n" + HEAD + "{\n\treturn t[ctx->di];\n}\n",
        "static u8 t[2][2] = { 1, 2 };\n" + HEAD + "{\n\treturn t[ctx->di][0];\n}\n",
        "static u8 t[2] = { 1, 2 }, u;\n" + HEAD + "{\n\treturn t[ctx->di];\n}\n",
        "static u8 t[2] = {\n\t1, 2 };\n" + HEAD + "{\n\treturn t[ctx->di];\n}\n",
        "static u8 t[2] = { 1, 2 };\nint t_at(int a) { return a; }\n" + HEAD + "{\n\treturn t[ctx->di];\n}\n",
        "static u8 t[2] = { 1, 2 };\n" + HEAD + "{\n\treturn ctx->di;\n}\n",  # never read
        "static u8 t[65] = { " + "1, " * 65 + "};\n" + HEAD + "{\n\treturn t[ctx->di];\n}\n",
    ],
)
def test_a_table_that_is_more_than_numbers_to_read_stays(text: str) -> None:
    assert as_a_function(text, "t") == text


# Numbers


def as_a_number(text: str, name: str) -> str:
    at = site(text)
    return patched(at, as_number(at, declared(at, name)))


def test_a_number_becomes_a_macro() -> None:
    assert as_a_number(
        f"const volatile int limit = 10;\n{HEAD}{{\n\treturn ctx->di < limit;\n}}\n", "limit"
    ) == (f"#define limit 10\n{HEAD}{{\n\treturn ctx->di < limit;\n}}\n")


def test_a_number_whose_address_is_taken_becomes_a_local_variable_of_each_function() -> None:
    text = (
        "static const u32 key = 7;\nint f(void)\n{\n\treturn key;\n}\n"
        f"{HEAD}{{\n\tint a;\n\n\treturn *seen.lookup(&key);\n}}\n"
    )
    assert as_a_number(text, "key") == (
        "int f(void)\n{\n\tu32 key = 7;\n\treturn key;\n}\n"
        f"{HEAD}{{\n\tu32 key = 7;\n\tint a;\n\n\treturn *seen.lookup(&key);\n}}\n"
    )
    one_line = "static u32 key = 7;\nint f(void) { return *seen.lookup(&key); }\n"
    assert as_a_number(one_line, "key") == "int f(void) { u32 key = 7; return *seen.lookup(&key); }\n"


@pytest.mark.parametrize(
    "text",
    [
        "const int n = 1 + f();\n" + HEAD + "{\n\treturn n;\n}\n",
        "const int n = 1, m = 2;\n" + HEAD + "{\n\treturn n;\n}\n",
        "const int n = 1; int m;\n" + HEAD + "{\n\treturn n;\n}\n",
        "const int n =\n\t1;\n" + HEAD + "{\n\treturn n;\n}\n",
        "const int n = 1;\nint m = n;\n" + HEAD + "{\n\treturn n;\n}\n",
        HEAD + "{\n\tstatic const int n = 1;\n\treturn n;\n}\n",
    ],
)
def test_a_number_that_is_used_outside_of_functions_or_not_alone_stays(text: str) -> None:
    assert as_a_number(text, "n") == text


@pytest.mark.parametrize(
    ("use", "never"),
    [
        ("return n;", True),
        ("return *m.lookup(&n);", True),
        ("m.update(&n, &ctx->di);", True),
        ("m.increment(&n);", True),
        ("n = 2;", False),
        ("n++;", False),
        ("f(&n);", False),
        ("m.pop(&n);", False),
        ("int *p = &n;", False),
    ],
)
def test_a_number_never_changes_when_it_is_read_only_or_a_maps_key(use: str, never: bool) -> None:
    at = site(f"static int n = 0x10UL;\n{HEAD}{{\n\t{use}\n}}\n")
    assert never_changes(at, declared(at, "n")) is never


@pytest.mark.parametrize(
    "declaration", ["int n[2] = { 1 };", "struct a n = { 1 };", "int n = f();", "int n;"]
)
def test_only_numbers_are_numbers(declaration: str) -> None:
    at = site(f"static {declaration}\n{HEAD}{{\n\treturn 0;\n}}\n")
    assert not never_changes(at, declared(at, "n"))


# Variables


def in_a_map(text: str, name: str) -> str:
    at = site(text)
    return patched(at, moved(at, declared(at, name)))


LOOKED_UP = "\tint n_key = 0;\n\tu64 *n_value = n.lookup(&n_key);\n\n\tif (!n_value)\n\t\treturn 0;\n"


def test_a_variable_moves_into_a_map_that_each_function_looks_up() -> None:
    other = "static u64 n = 0;\nint f(void)\n{\n\tn++;\n\treturn n + 1;\n}\n"
    text = f"{other}{HEAD}{{\n\tn = n + 2;\n\treturn 0;\n}}\n"
    assert in_a_map(text, "n") == (
        f"BPF_ARRAY(n, u64, 1);\nint f(void)\n{{\n{LOOKED_UP}\t(*n_value)++;\n\treturn *n_value + 1;\n}}\n"
        f"{HEAD}{{\n{LOOKED_UP}\t*n_value = *n_value + 2;\n\treturn 0;\n}}\n"
    )


def test_a_structure_is_used_through_the_pointer() -> None:
    body = "\te.pid = 1;\n\tf(&e);\n\tif (a && e.b)\n\t\treturn 0;\n\treturn g(& e.comm);\n"
    assert in_a_map(f"struct e e;\n{HEAD}{{\n{body}}}\n", "e") == (
        f"BPF_PERCPU_ARRAY(e, struct e, 1);\n{HEAD}{{\n"
        "\tint e_key = 0;\n\tstruct e *e_value = e.lookup(&e_key);\n\n"
        "\tif (!e_value)\n\t\treturn 0;\n\te_value->pid = 1;\n\tf(e_value);\n\tif (a && e_value->b)\n"
        "\t\treturn 0;\n\treturn g(& e_value->comm);\n}\n"
    )


def test_an_array_moves_inside_of_a_structure() -> None:
    text = f"static char a[4][16]; int b;\n{HEAD}{{\n\ta[1][2] = 'x';\n\treturn 0;\n}}\n"
    assert in_a_map(text, "a") == (
        "struct a_data { char data[4][16]; }; BPF_PERCPU_ARRAY(a, struct a_data, 1); int b;\n"
        f"{HEAD}{{\n\tint a_key = 0;\n\tstruct a_data *a_value = a.lookup(&a_key);\n\n\tif (!a_value)\n"
        "\t\treturn 0;\n\ta_value->data[1][2] = 'x';\n\treturn 0;\n}\n"
    )


def test_a_static_variable_of_a_function_moves_before_it() -> None:
    text = f"int x;\n{HEAD}{{\n\tstatic u64 n;\n\n\tn += 1;\n\treturn n;\n}}\n"
    assert in_a_map(text, "n") == (
        f"int x;\nBPF_ARRAY(n, u64, 1);\n\n{HEAD}{{\n{LOOKED_UP}\n\t*n_value += 1;\n\treturn *n_value;\n}}\n"
    )
    shared = f"{HEAD}{{\n\tstatic u64 n; int b = 1;\n\n\treturn n[b];\n}}\n"
    assert f"{LOOKED_UP}\t int b = 1;\n\n\treturn (*n_value)[b];\n" in in_a_map(shared, "n")


def test_another_variable_of_the_same_name_stays() -> None:
    text = f"u64 n;\nint f(int n)\n{{\n\treturn n;\n}}\n{HEAD}{{\n\treturn n;\n}}\n"
    assert in_a_map(text, "n") == text  # the name is mentioned where the variable is not meant


@pytest.mark.parametrize(
    "text",
    [
        "u64 n = 3;\n" + HEAD + "{\n\treturn n;\n}\n",
        "u64 *n;\n" + HEAD + "{\n\treturn *n;\n}\n",
        "u64 n, m;\n" + HEAD + "{\n\treturn n;\n}\n",
        "u64 n[];\n" + HEAD + "{\n\treturn n[0];\n}\n",
        "u64\nn;\n" + HEAD + "{\n\treturn n;\n}\n",
        "u64 n;\nu64 *p = &n;\n" + HEAD + "{\n\treturn n;\n}\n",
        "u64 n;\nvoid f(void)\n{\n\tn++;\n}\n" + HEAD + "{\n\treturn n;\n}\n",
        "u64 n;\n#define N n\n" + HEAD + "{\n\treturn N + n;\n}\n",
    ],
)
def test_a_variable_that_a_map_cannot_take_the_place_of_stays(text: str) -> None:
    assert in_a_map(text, "n") == text


# Texts


def on_the_stack(text: str, line: str) -> str:
    """The text with what the line has of read-only data on the stack."""
    at = site(text)
    used = on_line(at.c, text.splitlines().index(line) + 1)[0]
    return patched(at, string(at, used))


def test_a_text_that_a_call_gets_is_copied_before_it() -> None:
    call = '\treturn same(ctx, "mysqld");'
    assert on_the_stack(f"{HEAD}{{\n{call}\n}}\n", call) == (
        f'{HEAD}{{\n\tchar want[16] = {{}};\n\n\t__builtin_memcpy(want, "mysqld", sizeof("mysqld"));\n'
        "\treturn same(ctx, want);\n}\n"
    )


@pytest.mark.parametrize(
    ("array", "literal", "size"),
    [
        ("char a[32]", "mysqld", "32"),  # as long as what it is compared with
        ("char a[TASK_COMM_LEN]", "mysqld", "TASK_COMM_LEN"),
        ("char a[4]", "mysqld", "16"),
        ("char a[7]", "mysqld", "16"),
        ("char a[8]", "mysqld", "8"),
        ("char *a", "mysqld", "16"),
        ("char *a", "0123456789abcde", "24"),  # and longer than the text in any case
        ("char *a", "0123456", "16"),
        ("char *a", "\\x41\\101\\n", "16"),
    ],
)
def test_the_copy_is_longer_than_the_text(array: str, literal: str, size: str) -> None:
    call = f'\treturn same(a, "{literal}");'
    assert f"char want[{size}] = {{}};" in on_the_stack(f"{HEAD}{{\n\t{array};\n\n{call}\n}}\n", call)


def test_a_long_text_stays() -> None:
    for length, stays in ((63, False), (64, True)):
        call = f'\treturn same(a, "{"x" * length}");'
        text = f"{HEAD}{{\n{call}\n}}\n"
        assert (on_the_stack(text, call) == text) is stays


def test_a_pointer_to_a_text_becomes_an_array() -> None:
    use = "\treturn want[ctx->di];"
    assert on_the_stack(f'{HEAD}{{\n\tconst char *want = "nginx";\n\n{use}\n}}\n', use) == (
        f"{HEAD}{{\n\tchar want[16] = {{}};\n"
        f'\t__builtin_memcpy(want, "nginx", sizeof("nginx"));\n\n{use}\n}}\n'
    )
    shared = f'{HEAD}{{\n\tconst char *want = "nginx"; int b;\n\n{use}\n}}\n'
    assert '= {}; __builtin_memcpy(want, "nginx", sizeof("nginx")); int b;\n' in on_the_stack(shared, use)
    twice = f'{HEAD}{{\n\tconst char *want = "nginx";\n\n\tif (ctx->si)\n\t\twant = "a";\n{use}\n}}\n'
    assert on_the_stack(twice, use) == twice


def test_a_comparison_by_helper_becomes_a_loop() -> None:
    call = '\treturn bpf_strncmp(name, 16, "mysqld");'
    assert on_the_stack(f"{HEAD}{{\n{call}\n}}\n", call) == (
        f"{HEAD}{{\n\tchar want[16] = {{}};\n\tint differs = 0;\n\n"
        '\t__builtin_memcpy(want, "mysqld", sizeof("mysqld"));\n'
        "\tfor (int i = 0; i < sizeof(want) && !differs; i++)\n\t\tdiffers = name[i] - want[i];\n"
        "\treturn differs;\n}\n"
    )
    assert "want[i]" in on_the_stack(
        f'{HEAD}{{\n\treturn bpf_strncmp(a, 3, "my");\n}}\n', '\treturn bpf_strncmp(a, 3, "my");'
    )
    for kept in (
        'bpf_strncmp(name, 6, "mysqld")',
        'bpf_strncmp("mysqld", 6, name)',
        'bpf_strncmp(e->name, 16, "mysqld")',
    ):
        text = f"{HEAD}{{\n\treturn {kept};\n}}\n"
        assert on_the_stack(text, f"\treturn {kept};") == text


def in_each_function(text: str, name: str) -> str:
    at = site(text)
    return patched(at, in_functions(at, declared(at, name)))


def test_a_global_text_becomes_a_local_array_of_each_function_that_uses_it() -> None:
    text = (
        'static const char want[] = "mysqld";\nint f(void)\n{\n\treturn want[1];\n}\n'
        f"int g(void) {{ return 0; }}\n{HEAD}{{\n\treturn want[ctx->di];\n}}\n"
    )
    made = '\tchar want[16] = {};\n\t__builtin_memcpy(want, "mysqld", sizeof("mysqld"));\n'
    assert in_each_function(text, "want") == (
        f"int f(void)\n{{\n{made}\treturn want[1];\n}}\nint g(void) {{ return 0; }}\n"
        f"{HEAD}{{\n{made}\treturn want[ctx->di];\n}}\n"
    )


def test_a_global_text_of_which_the_size_is_used_keeps_it() -> None:
    text = f'static const char want[] = "my";\n{HEAD}{{\n\treturn want[sizeof(want) - 1];\n}}\n'
    assert in_each_function(text, "want") == (
        f'{HEAD}{{\n\tchar want[] = "my";\n\tasm volatile("" : : "r"(want) : "memory");\n'
        "\treturn want[sizeof(want) - 1];\n}\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        'const char want[] = "a", *b;\n' + HEAD + "{\n\treturn want[ctx->di];\n}\n",
        'const char want[] =\n\t"a";\n' + HEAD + "{\n\treturn want[ctx->di];\n}\n",
        HEAD + '{\n\tstatic const char want[] = "a";\n\treturn want[ctx->di];\n}\n',
    ],
)
def test_a_text_that_is_not_declared_alone_stays(text: str) -> None:
    assert in_each_function(text, "want") == text


def test_a_text_that_shares_its_line_stays_there_and_is_hidden() -> None:
    text = f'const char want[] = "a"; int b;\n{HEAD}{{\n\treturn want[ctx->di];\n}}\n'
    assert in_each_function(text, "want").startswith('const char want[] = "a"; int b;\n')


@pytest.mark.parametrize(
    ("declaration", "made"),
    [
        ('static const char want[] = "my";', '__builtin_memcpy(want, "my", sizeof("my"))'),
        ("static const u8 want[2] = { 1, 2 };", "want_at(unsigned int i)"),
        ("const volatile int want = 7;", "#define want 7"),
    ],
)
def test_each_kind_of_data_has_its_own_way(declaration: str, made: str) -> None:
    index = "" if "7" in declaration else "[ctx->di]"
    text = f"{declaration}\n{HEAD}{{\n\treturn want{index};\n}}\n"
    at = site(text)
    assert made in patched(at, copied(at, on_line(at.c, 4)[0]))
