"""The dialect of BPF programs becomes plain C of the same length."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.dialect import plain

PIECES = (
    'SEC("xdp")',
    "static __always_inline int f(struct xdp_md *ctx) {",
    "static MY_INLINE __u32 f(void) {",
    "int BPF_PROG(on_exec, struct file *file, int ret)",
    "BPF_HASH(counts, struct key_t, u64);",
    "__uint(type, BPF_MAP_TYPE_HASH);",
    "#define N 10 \\\n + 3\n",
    "#if 0\n",
    "#ifdef A\n",
    "#else\n",
    "#endif\n",
    "bpf_for(i, 0, 10) {",
    "container_of(p, struct foo, member)",
    "offsetof(struct foo, a.b[1])",
    "/* a comment",
    "*/",
    "// a line\n",
    '"a string',
    "'",
    "(",
    ")",
    "{",
    "}",
    ";",
    ",",
    "\n",
    "\t",
    "naïve ✓",
    "TRACEPOINT_PROBE(random, urandom_read) {",
    "FILTER\n",
    "case 1 ... 3:",
)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join) | st.text(max_size=300))
def test_every_position_stays(text: str) -> None:
    code = plain(text).code
    assert len(code) == len(text)
    assert [at for at, c in enumerate(code) if c == "\n"] == [at for at, c in enumerate(text) if c == "\n"]


@pytest.mark.parametrize(
    "piece",
    ["(", "SEC(", "/*", '"', "'", "{", "#if 0\n", "#if A\n{\n#else\n{\n", "BPF_X(", "\\", "// \\\n", " ",
     "\n", "static __x int f(a,", "bpf_for(", ";\n A\n", "case 1 ...", "container_of(p, struct ",
     "#define A(", "a,b(", "__uint(", "F(x) {\n", "#/*", "(struct a)", ",struct a "],
)  # fmt: skip
def test_hostile_text_takes_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        plain(text)
        return time.process_time() - start

    seconds(2_000)
    assert seconds(200_000) < 2.0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('SEC("xdp") int f(void) {', "           int f(void) {"),
        ("static __always_inline int f(void) {", "static                 int f(void) {"),
        ("static MINE int f(void) {", "static      int f(void) {"),
        ("static __mine struct a *f(void) {", "static        struct a *f(void) {"),
        ("static __u32 f(void) {", "static __u32 f(void) {"),
        ("int BPF_PROG(f, int a) {", "int          f( int a) {"),
        ("int BPF_PROG(f) {", "int         f() {"),
        ("KFUNC_PROBE(f, int a) {", "int         f( int a) {"),
        ("RAW_TRACEPOINT_PROBE(f) {", "int                 f() {"),
        ("bpf_for(i, 0, 10) {", "for    (i; 0; 10) {"),
        ("bpf_repeat(10) {", "while     (10) {"),
        ("list_for_each(a, b) {", "while        (a, b) {"),
        ("f(p, struct a, b);", "f(p,        a, b);"),
        ("sizeof(struct a);", "sizeof(struct a);"),
        ("(struct a *)b;", "(struct a *)b;"),
        ("= __builtin_offsetof(struct a, b.c[1]);", "=           offsetof(struct a, b     );"),
        ("char c[] __attribute__((aligned(8)));", "char c[] __attribute__((aligned(8)));"),
        ("struct a __kptr *p;", "struct a        *p;"),
        ("case 1 ... 3: ;", "case 1      : ;"),
        ("int a; /* b\nc */ int d;", "int a;     \n     int d;"),
        ("#define A \\\n b\nint a;", "           \n  \nint a;"),
        ("BPF_HASH(a, u32);\nint b;", "                 \nint b;"),
        ("BPF_HASH(a)\nint b;", "           \nint b;"),
        ("#if 0\n}\n#else\nint a;\n#endif", "     \n \n     \nint a;\n      "),
        ("f(1,\n#ifdef A\n2\n#else\n3\n#endif\n);", "f(1,\n        \n2\n     \n3\n      \n);"),
        ("#if A\nif (a) {\n#else\nif (b) {\n#endif\n}", "     \nif (a) {\n     \n        \n      \n}"),
        ("{\n  FILTER\n  int a;", "{\n        \n  int a;"),
        ("enum {\n  A,\n  B\n};", "enum {\n  A,\n  B\n};"),
        ('x = "SEC(a) /* no comment */";', 'x = "SEC(a) /* no comment */";'),
    ],
)
def test_what_becomes_of_a_macro(text: str, code: str) -> None:
    assert plain(text).code == code


def test_what_was_taken_out_is_kept() -> None:
    found = plain(
        "#include <linux/bpf.h>\n#define SQUARE(x) ((x) * \\\n  (x)) /* of x */\n#define N 4 // four\n"
        'struct { __uint(max_entries, N); __type(key, struct k); } m SEC(".maps");\n'
        "#pragma unroll\nfor (;;) ;\n"
    )
    assert found.includes == ["linux/bpf.h"]
    assert [(m.name, m.params, m.value, m.line) for m in found.macros] == [
        ("SQUARE", ("x",), "((x) * (x))", 2),
        ("N", None, "4", 4),
    ]
    assert [call.args for call in found.members] == [("max_entries", "N"), ("key", "struct k")]
    assert [call.args for call in found.sections] == [('".maps"',)]
    assert len(found.pragmas) == 1


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("\n".join))
def test_any_text_can_be_asked_about(text: str) -> None:
    c = CFile(text)
    assert c.functions is not None and c.structs is not None and c.maps is not None and c.style
    for function in c.functions:
        c.pass_value(function), c.callees(function)
    for line in range(len(c.lines) + 2):
        c.function_at(line), c.calls_on(line), c.accesses_on(line), c.statement_at(line), c.loops_around(line)
        c.conditions_before(line), c.declaration_of("p", line), c.names_on(line), c.indent_of(line)
        c.expression_at(line, 3), c.expression_at(line, 0), c.expression_at(line, 999), c.target_at(line, 4)
    assert c.uses("p") is not None and c.assignments() is not None and c.lookups() is not None
