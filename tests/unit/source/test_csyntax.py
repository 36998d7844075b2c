"""What CFile says about BPF programs in the styles that people write."""

from __future__ import annotations

import time

import pytest

from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Declaration

# ruff: noqa: E101
LIBBPF = """\
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define MAX_PORTS 64
#define PASS XDP_PASS

struct event {
	__u32 pid;
	char comm[16];
	struct event *next, *last;
	__u8 flags : 3;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MAX_PORTS);
	__type(key, __u32);
	__type(value, struct event);
} events SEC(".maps"), *more;

const volatile int limit = 5, other;

static __always_inline int parse(void *data, void *data_end, struct event *e)
{
	struct ethhdr *eth = data;
	int i, sum = 0;

	if (data + sizeof(*eth) > data_end)
		return -1;
#pragma unroll
	for (i = 0; i < MAX_PORTS && sum < 9; i++) {
		int i_twice = i * 2;
		while (sum < limit) {
			sum += e->comm[i_twice];
			if (!e)
				break;
		}
	}
	return e->next->flags ? sum : -1;
}

SEC("xdp")
int
filter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct event *e, copy = {}, list[MAX_PORTS][2];
	__u32 key = 1;

	e = bpf_map_lookup_elem(&events, &key);
	if (!e)
		return PASS;
	if (parse(data, data_end, e) < 0) {
		e->pid++;
		*(&e->pid) = 3;
		goto out;
	} else if (limit)
		bpf_map_update_elem(&events, &key,
				    &copy, BPF_ANY);
	list[1][0].pid = copy.pid;
out:
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
"""

BCC = """\
#include <uapi/linux/ptrace.h>
struct key_t { u32 pid; u64 ts; };
BPF_HASH(start, u32);
BPF_HASH(counts, struct key_t, u64, 512);
BPF_PERF_OUTPUT(events);
BPF_TABLE("lru_hash", u32, struct key_t, recent, 100);
BPF_ARRAY(slots, struct key_t, 10);

int kprobe__do_sys_open(struct pt_regs *ctx, int dfd, const char __user *name) {
    struct key_t key = {.pid = 1};
    u64 *old = counts.lookup(&key), zero = 0;
    u64 *fresh = (u64 *) counts.lookup_or_try_init(&key, &zero);
    if (old == NULL) { return 0; }
    (*old)++;
    counts.increment(key);
    events.perf_submit(ctx, &key, sizeof(key));
    return 0;
}

TRACEPOINT_PROBE(random, urandom_read) {
    bpf_trace_printk("%d", args->got_bits);
    return 0;
}

KFUNC_PROBE(vfs_open, const struct path *path) { return 0; }
"""


@pytest.fixture(scope="module")
def c() -> CFile:
    return CFile(LIBBPF)


@pytest.fixture(scope="module")
def bcc() -> CFile:
    return CFile(BCC)


def at(text: str, nth: int = 1, source: str = LIBBPF) -> int:
    """The line that contains a text."""
    return [number for number, line in enumerate(source.split("\n"), 1) if text in line][nth - 1]


def declared(c: CFile, name: str, line: int) -> Declaration:
    found = c.declaration_of(name, line)
    assert found
    return found


def test_functions_have_their_places_parameters_and_attributes(c: CFile) -> None:
    parse, filter = c.functions
    assert (parse.name, parse.start, parse.end) == ("parse", at("parse(void"), at("? sum : -1") + 1)
    assert (parse.static, parse.inline, parse.noinline, parse.section) == (True, True, False, None)
    assert [(p.name, p.type) for p in parse.params] == [
        ("data", "void *"),
        ("data_end", "void *"),
        ("e", "struct event *"),
    ]
    assert (filter.name, filter.section, filter.returns) == ("filter", "xdp", "int")
    assert (filter.start, filter.static, filter.inline) == (at('SEC("xdp")') + 1, False, False)
    assert filter.body.line == at("filter(struct") + 1


def test_the_function_of_a_line(c: CFile) -> None:
    inside = c.function_at(at("goto out"))
    assert inside and inside.name == "filter"
    assert c.function_at(at("struct event {")) is None
    assert c.function_at(0) is None and c.function_at(9999) is None
    assert c.callees(inside) == {"parse"}


def test_what_a_function_returns_when_nothing_is_special(c: CFile) -> None:
    parse, filter = c.functions
    assert [r.value for r in c.returns(parse)] == ["-1", "e->next->flags ? sum : -1"]
    assert c.pass_value(parse) == "-1"
    assert c.pass_value(filter) == "XDP_PASS"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('SEC("xdp") int f(struct xdp_md *ctx) { return 1; }', "XDP_PASS"),
        ('#include <linux/pkt_cls.h>\nSEC("tc") int f(struct __sk_buff *skb) { return x; }', "TC_ACT_OK"),
        ('#include "vmlinux.h"\nSEC("tc") int f(struct __sk_buff *skb) { return x; }', "0"),
        (
            'SEC("tc") int f(struct __sk_buff *skb) { if (a) return TC_ACT_UNSPEC; return 2; }',
            "TC_ACT_UNSPEC",
        ),
        (
            'SEC("classifier/in") int f(struct __sk_buff *s) { return TC_ACT_SHOT; }\n#define TC_ACT_OK 0',
            "TC_ACT_OK",
        ),
        ('SEC("cgroup_skb/egress") int f(struct __sk_buff *skb) { return 0; }', "1"),
        ('SEC("sk_msg") int f(struct sk_msg_md *msg) { return 0; }', "SK_PASS"),
        ('SEC("kprobe/x") int BPF_KPROBE(f, int a) { return 0; }', "0"),
        ('SEC("lsm.s/file_open") int BPF_PROG(f, struct file *x) { return -1; }', "0"),
        ("int kprobe__x(struct pt_regs *ctx) { return 0; }", "0"),
        ("int f(struct xdp_md *ctx) { return 2; }", "XDP_PASS"),
        ("static void f(int a) { return; }", ""),
        ("static struct a *f(int a) { return b; }", "NULL"),
        ("static int f(int a) { if (a) return -22; if (b) return -22; return a + 1; }", "-22"),
        ("static int f(int a) { return g(a); }", "0"),
    ],
)
def test_the_value_an_inserted_check_should_return(text: str, value: str) -> None:
    c = CFile(text)
    assert c.pass_value(c.functions[0]) == value


def test_declarations_are_found_by_scope(c: CFile) -> None:
    line = at("goto out")
    e = declared(c, "e", line)
    assert (e.type, e.struct, e.pointer, e.initialiser, e.scope) == (
        "struct event *",
        "struct event",
        True,
        None,
        "local",
    )
    assert not e.alone
    copy = declared(c, "copy", line)
    assert (copy.type, copy.struct, copy.pointer, copy.initialiser) == (
        "struct event",
        "struct event",
        False,
        "{}",
    )
    listed = declared(c, "list", line)
    assert (listed.type, listed.arrays) == ("struct event", ("MAX_PORTS", "2"))
    key = declared(c, "key", line)
    assert (key.type, key.initialiser, key.alone) == ("__u32", "1", True)
    ctx = declared(c, "ctx", line)
    assert (ctx.type, ctx.scope, ctx.span.line) == ("struct xdp_md *", "parameter", at("filter(struct"))
    limit = declared(c, "limit", line)
    assert (limit.type, limit.scope, limit.initialiser) == ("const volatile int", "global", "5")
    assert c.declaration_of("eth", line) is None
    assert declared(c, "e", at("!e)")).scope == "parameter"  # of parse
    assert declared(c, "i_twice", at("sum += e->comm")).span.line == at("int i_twice")
    assert c.declaration_of("i_twice", at("return e->next")) is None
    assert c.declaration_of("key", at("void *data = (void")) is None  # not yet
    span = declared(c, "data_end", line).span
    assert LIBBPF.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1] == "*data_end"


def test_the_expression_at_a_column_is_the_smallest_that_means_something(c: CFile) -> None:
    def text(line: int, part: str, skip: int = 0) -> str | None:
        found = c.expression_at(line, c.line(line).index(part) + 1 + skip)
        return found.text if found else None

    access = at("sum += e->comm")
    assert text(access, "comm[") == "e->comm[i_twice]"
    assert text(access, "i_twice]") == "i_twice"
    assert text(access, "+=") == "sum += e->comm[i_twice]"
    assert text(at("? sum : -1"), "flags") == "e->next->flags"
    assert text(at("? sum : -1"), "next") == "e->next"
    assert text(at("? sum : -1"), "return") == "return e->next->flags ? sum : -1;"
    assert text(at("data + sizeof"), "if") == "(data + sizeof(*eth) > data_end)"
    assert text(at("data + sizeof"), "+ size") == "data + sizeof(*eth)"
    assert text(at("for (i"), "for") == "for (i = 0; i < MAX_PORTS && sum < 9; i++)"
    assert text(at("e = bpf_map"), "bpf_map") == "bpf_map_lookup_elem(&events, &key)"
    assert text(at("e = bpf_map"), "&key") == "&key"
    assert text(at("e->pid++"), "++") == "e->pid++"
    assert text(at("ctx->data, "), "(void") == "(void *)(long)ctx->data"
    assert text(at("goto out") + 1, "}") == "}"
    assert c.expression_at(at("#define MAX_PORTS"), 3) is None


def test_what_an_assigning_operator_writes(c: CFile) -> None:
    line = at("e->pid++")
    target = c.target_at(line, c.line(line).index("++") + 1)
    assert target and c.line(line)[target.column - 1 : target.end_column - 1] == "e->pid"
    assert c.target_at(line, c.line(line).index("pid") + 1) is None


@pytest.mark.parametrize(
    ("line", "word", "test"),
    [
        ("\tif (e->pid > 100 && f(x)) y();", "e->", "e->pid > 100"),
        ("\tif (e->pid > 100 && f(x)) y();", "f(x)", "f(x)"),
        ("\tif (e->pid > 100 && f(x)) y();", "y()", None),
        ("\twhile (a + 1 < b) y();", "a +", "a + 1 < b"),
        ("\tfor (i = 0; i < n; i++) y();", "i < n", "i < n"),
        ("\tfor (i = 0; i < n; i++) y();", "i = 0", None),
        ("\tx = a ? b : c;", "a ?", "a"),
        ("\tif (!e) y();", "!e", "!e"),
    ],
)
def test_what_is_tested_where_a_branch_stands(line: str, word: str, test: str | None) -> None:
    c = CFile("void f(void)\n{\n" + line + "\n}\n")
    span = c.tested_at(3, line.index(word) + 1)
    assert (line[span.column - 1 : span.end_column - 1] if span else None) == test


def test_calls_with_their_arguments(c: CFile) -> None:
    first = at("bpf_map_update_elem")
    for line in (first, first + 1):  # one call over two lines
        (call,) = c.calls_on(line)
        assert (call.name, [a.text for a in call.args]) == (
            "bpf_map_update_elem",
            ["&events", "&key", "&copy", "BPF_ANY"],
        )
    assert call.args[2].span.line == first + 1
    assert [call.name for call in c.calls_on(at("parse(data"))] == ["parse"]


def test_accesses_with_base_and_member(c: CFile) -> None:
    (outer, inner) = c.accesses_on(at("sum += e->comm"))
    assert (outer.text, outer.kind, outer.base, outer.member, outer.root) == (
        "e->comm[i_twice]",
        "index",
        "e->comm",
        "i_twice",
        "e",
    )
    assert (inner.text, inner.kind, inner.base, inner.member) == ("e->comm", "arrow", "e", "comm")
    (written,) = c.accesses_on(at("e->pid++"))
    assert written.written and not written.address
    pointed, member = c.accesses_on(at("*(&e->pid)"))
    assert (pointed.kind, pointed.written, member.address) == ("deref", True, True)
    assert [a.text for a in c.accesses_on(at("list[1][0]"))] == [
        "list[1][0].pid",
        "list[1][0]",
        "list[1]",
        "copy.pid",
    ]


def test_conditions_in_front_of_a_line(c: CFile) -> None:
    line = at("sum += e->comm")
    found = {k.text: k for k in c.conditions_before(line)}
    assert list(found) == ["data + sizeof(*eth) > data_end", "i < MAX_PORTS && sum < 9", "sum < limit"]
    bounds = found["data + sizeof(*eth) > data_end"]
    assert (bounds.kind, bounds.exits, bounds.encloses, set(bounds.names)) == (
        "if",
        True,
        False,
        {"data", "data_end"},
    )
    assert (found["sum < limit"].kind, found["sum < limit"].branch) == ("while", "body")
    assert [k.text for k in c.conditions_before(line, "data_end")] == ["data + sizeof(*eth) > data_end"]
    assert c.conditions_before(line, "eth") == ()  # only its size
    assert [k.branch for k in c.conditions_before(at("goto out")) if k.encloses] == ["then"]
    assert [k.branch for k in c.conditions_before(at("bpf_map_update")) if k.encloses] == ["else", "then"]
    assert [k.text for k in c.conditions_before(at("if (!e)\n".strip(), 2))] == ["!e"]


def test_loops_around_a_line(c: CFile) -> None:
    inner, outer = c.loops_around(at("sum += e->comm"))
    assert (inner.kind, inner.condition, inner.variable, inner.bound) == (
        "while",
        "sum < limit",
        "sum",
        "limit",
    )
    assert (outer.kind, outer.variable, outer.bound, outer.unrolled) == ("for", "i", "MAX_PORTS", True)
    assert not inner.unrolled
    assert c.loops_around(at("goto out")) == ()


@pytest.mark.parametrize(
    ("text", "kind", "variable", "bound"),
    [
        ("bpf_for(i, 0, n) {\n x();\n}", "bpf_for", "i", "n"),
        ("bpf_repeat(10) {\n x();\n}", "bpf_repeat", None, "10"),
        ("bpf_for_each(num, it, 0, 3) {\n x();\n}", "bpf_for_each", None, None),
        ("do {\n x();\n} while (i-- > 0);", "do", "i--", "0"),
        ("for (;;) {\n x();\n}", "for", None, None),
        ("while (10 > i) {\n x();\n}", "while", "i", "10"),
    ],
)
def test_loops_of_every_kind(text: str, kind: str, variable: str | None, bound: str | None) -> None:
    (loop,) = CFile("void f(void)\n{\n" + text + "\n}\n").loops_around(4)
    assert (loop.kind, loop.variable, loop.bound, loop.head.line) == (kind, variable, bound, 3)


def test_statements_and_whether_a_line_can_be_put_in_front_of_them(c: CFile) -> None:
    header = c.statement_at(at("parse(data"))
    assert header and (header.kind, header.braced, header.span.end_line) == (
        "if_statement",
        True,
        at("BPF_ANY"),
    )
    lone = c.statement_at(at("return PASS"))
    assert lone and (lone.kind, lone.braced) == ("return_statement", False)
    call = c.statement_at(at("BPF_ANY"))
    assert call and (call.span.line, call.span.end_line, call.braced) == (
        at("bpf_map_update"),
        at("BPF_ANY"),
        False,
    )
    other = c.statement_at(at("else if"))
    assert other == header  # a line before `else if` has to stand before the whole
    labelled = c.statement_at(at("return XDP_PASS"))
    assert labelled and labelled.kind == "return_statement"
    assert c.statement_at(at("e = bpf_map") - 1) is None  # an empty line


def test_uses_of_a_variable(c: CFile) -> None:
    filter = c.functions[1]
    uses = c.uses("key", filter.start, filter.end)
    assert [(u.span.line, u.address) for u in uses] == [
        (at("e = bpf_map"), True),
        (at("bpf_map_update"), True),
    ]
    written = [u.span.line for u in c.uses("sum") if u.written]
    assert written == [at("sum += e->comm")]
    assert c.uses("eth") == ()  # in sizeof only


def test_assignments_to_a_variable(c: CFile) -> None:
    assert [(a.operator, a.value) for a in c.assignments("sum")] == [("=", "0"), ("+=", "e->comm[i_twice]")]
    assert [a.target for a in c.assignments(first=at("e->pid++"), last=at("*(&e->pid)"))] == [
        "e->pid",
        "*(&e->pid)",
    ]


def test_lookups_of_maps(c: CFile, bcc: CFile) -> None:
    (lookup,) = c.lookups()
    assert (lookup.variable, lookup.map, lookup.key, lookup.span.line) == (
        "e",
        "events",
        "&key",
        at("e = bpf_map"),
    )
    assert [(k.variable, k.map, k.key, k.function) for k in bcc.lookups()] == [
        ("old", "counts", "&key", "lookup"),
        ("fresh", "counts", "&key", "lookup_or_try_init"),
    ]


def test_structs_and_their_members(c: CFile) -> None:
    fields = {f.name: f for f in c.structs["struct event"].fields}
    assert (fields["comm"].type, fields["comm"].arrays) == ("char", ("16",))
    assert (fields["next"].type, fields["last"].type) == ("struct event *", "struct event *")
    assert fields["flags"].bits == "3"
    named = CFile("typedef struct { int a; } pair_t; union u { int b; };").structs
    assert set(named) == {"pair_t", "union u"}


def test_maps_of_both_dialects(c: CFile, bcc: CFile) -> None:
    events = c.maps["events"]
    assert (events.kind, events.key, events.value, events.max_entries, events.line) == (
        "BPF_MAP_TYPE_HASH",
        "__u32",
        "struct event",
        "MAX_PORTS",
        at("struct {"),
    )
    found = {name: (m.kind, m.key, m.value, m.max_entries) for name, m in bcc.maps.items()}
    assert found == {
        "start": ("BPF_HASH", "u32", "u64", None),
        "counts": ("BPF_HASH", "struct key_t", "u64", "512"),
        "events": ("BPF_PERF_OUTPUT", None, None, None),
        "recent": ("lru_hash", "u32", "struct key_t", "100"),
        "slots": ("BPF_ARRAY", "int", "struct key_t", "10"),
    }


def test_macros_and_includes(c: CFile) -> None:
    assert c.macros["MAX_PORTS"].value == "64"
    assert c.includes == ("linux/bpf.h", "bpf/bpf_helpers.h")


def test_functions_and_methods_of_bcc(bcc: CFile) -> None:
    assert [(f.name, f.macro, [p.name for p in f.params]) for f in bcc.functions] == [
        ("kprobe__do_sys_open", None, ["ctx", "dfd", "name"]),
        ("tracepoint__random__urandom_read", "TRACEPOINT_PROBE", ["args"]),
        ("kfunc__vfs_open", "KFUNC_PROBE", ["path"]),
    ]
    later = bcc.function("kfunc__vmlinux__vfs_open")
    assert later and later.name == "kfunc__vfs_open"
    cut = bcc.function("tracepoint__ran")
    assert cut and cut.macro == "TRACEPOINT_PROBE"
    (call,) = bcc.calls_on(at("perf_submit", source=BCC))
    assert (call.receiver, call.name, [a.text for a in call.args]) == (
        "events",
        "perf_submit",
        ["ctx", "&key", "sizeof(key)"],
    )
    assert bcc.accesses_on(at("perf_submit", source=BCC)) == ()


@pytest.mark.parametrize(
    ("text", "indent", "newline", "below"),
    [
        ("int f(void)\n{\n\tif (a) {\n\t\tb();\n\t}\n}\n", "\t", "\n", False),
        ("int f(void)\n{\n  if (a)\n  {\n    b();\n  }\n}\n", "  ", "\n", True),
        ("int f(void) {\r\n    if (a) {\r\n        b();\r\n    }\r\n}\r\n", "    ", "\r\n", False),
        ("", "\t", "\n", False),
    ],
)
def test_the_style_of_a_file(text: str, indent: str, newline: str, below: bool) -> None:
    style = CFile(text).style
    assert (style.indent, style.newline, style.brace_below) == (indent, newline, below)


def test_windows_line_ends_and_other_alphabets_do_not_move_anything() -> None:
    head = 'SEC("xdp")\r\nint größe(struct xdp_md *ctx)\r\n{\r\n'
    text = head + '\tchar *s = "héé"; int x = ctx->data;\r\n\treturn x;\r\n}\r\n'
    c = CFile(text)
    assert [(f.name, f.start, f.end, f.section) for f in c.functions] == [("größe", 2, 6, "xdp")]
    assert c.line(4) == '\tchar *s = "héé"; int x = ctx->data;'
    found = c.expression_at(4, c.line(4).index("data") + 1)
    assert found and found.text == "ctx->data"


@pytest.mark.parametrize(
    "text",
    [
        "int f(a, b) int a; char *b; { return a; }",
        "int f(void) { if (x { return 1; } }\nint g(void) { return 2; }",
        "int f(void) { return 1; }\nint g(void { return 2; }\nint h(void) { return 3; }",
        "}}} int f(void) { return 1; }",
        'extern "C" { int f(void) { return 1; } }',
    ],
)
def test_broken_and_old_fashioned_texts_still_have_functions(text: str) -> None:
    assert "f" in [function.name for function in CFile(text).functions]


def test_a_branch_of_an_ifdef_that_would_open_a_second_brace_is_left_out() -> None:
    c = CFile(
        "#ifdef OLD\nint f(struct pt_regs *ctx)\n{\n#else\nint f(struct pt_regs *ctx, int a)\n{\n#endif\n"
        "\treturn 0;\n}\nint g(void)\n{\n\treturn 1;\n}\n"
    )
    assert [(f.name, f.start, f.end) for f in c.functions] == [("f", 2, 9), ("g", 10, 13)]


def test_a_long_file_opens_quickly() -> None:
    body = LIBBPF[LIBBPF.index("static __always") : LIBBPF.index("char LICENSE")]
    text = LIBBPF + "".join(
        body.replace("parse", f"parse{n}").replace("filter", f"filter{n}") for n in range(240)
    )
    assert text.count("\n") > 10_000
    start = time.process_time()
    c = CFile(text)
    assert len(c.functions) == 482
    assert c.conditions_before(10_000) is not None
    assert time.process_time() - start < 1.5  # 0.15 s when the machine is idle


@pytest.mark.parametrize(
    "piece", ["a->", "a+(", "a?", "a[", "if(a)", "f(", "int a;", "(int)", "int f(){", "x,", "else "]
)
def test_deep_and_wide_texts_can_be_asked_about(piece: str) -> None:
    text = piece * (40_000 // len(piece))
    start = time.process_time()
    c = CFile(text)
    assert c.functions is not None and c.structs is not None
    c.calls_on(1), c.accesses_on(1), c.statement_at(1), c.loops_around(1), c.conditions_before(1)
    c.declaration_of("a", 1), c.names_on(1), c.expression_at(1, 30_000), c.tested_at(1, 30_000)
    c.uses("a"), c.assignments(), c.lookups()
    assert time.process_time() - start < 4  # 0.5 s when the machine is idle; a square would be a minute
