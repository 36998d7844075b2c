"""Edits of fixers that need no log, letter by letter: comments, macros, tabs, lines that end in CRLF."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bpfdoctor.fixes.copy_kernel_memory import copied
from bpfdoctor.fixes.divide_unsigned import divided
from bpfdoctor.fixes.drop_own import without
from bpfdoctor.fixes.engine import edits
from bpfdoctor.fixes.move_to_map import moved
from bpfdoctor.fixes.only_where import looked_up_again
from bpfdoctor.fixes.plan import Plan, Site
from bpfdoctor.fixes.reload_packet import end_beside_start
from bpfdoctor.fixes.reserve_most import largest
from bpfdoctor.fixes.update_sockets import from_context
from bpfdoctor.model.edits import apply
from bpfdoctor.model.record import replace
from bpfdoctor.source.csyntax import CFile
from bpfdoctor.source.cvalues import Call

MAP = """\
struct {{
	__uint(type, BPF_MAP_TYPE_{kind});
	__type(key, {key});
	__type(value, __u64);
}} m SEC(".maps");

"""


def site(text: str, needle: str) -> Site:
    """The place of `needle` in its function."""
    c = CFile(text)
    line = text[: text.index(needle)].count("\n") + 1
    function = c.function_at(line)
    assert function is not None
    return Site("a.c", line, c.line(line).index(needle) + 1, c, function)


def call_at(at: Site) -> Call:
    return at.c.calls_on(at.line, at.column)[0]


def patched(at: Site, plans: Iterable[Plan]) -> str:
    """The whole text with the plans; those that are a rule's code have it in their values."""
    return apply(at.c.text, edits(plans, lambda plan: "\n".join(plan.values["code"]), lambda file: at.c.text))


# A connection put into a map of sockets

SOCKOPS = """\
SEC("sockops")
int keep(struct bpf_sock_ops *ctx)
{
	__u32 port = ctx->local_port;

	bpf_map_update_elem(&m, &port, ctx, /* a new one */ BPF_NOEXIST);
	return 0;
}
"""


@pytest.mark.parametrize("kind", ["hash", "map"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_connection_is_put_into_a_map_by_its_context(kind: str, ends: str) -> None:
    text = (MAP.format(kind=f"SOCK{kind.upper()}", key="__u32") + SOCKOPS).replace("\n", ends)
    at = site(text, "bpf_map_update_elem")
    old, new = "bpf_map_update_elem(&m, &port, ctx,", f"bpf_sock_{kind}_update(ctx, &m, &port,"
    assert patched(at, from_context(at, call_at(at))) == text.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [("SOCKHASH", "HASH"), ("sockops", "xdp"), ("&port, ctx,", "&port, &port,")],
)
def test_only_sockets_of_a_context_have_a_helper_of_their_own(old: str, new: str) -> None:
    at = site((MAP.format(kind="SOCKHASH", key="__u32") + SOCKOPS).replace(old, new), "bpf_map_update_elem")
    assert from_context(at, call_at(at)) == ()


# A kernel object's memory as a key

EXEC = """\
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *p)
{
	__u64 one = 1;

	if (!bpf_map_lookup_elem(&m, p->comm)) /* new */
		bpf_map_update_elem(&m, p->comm, &one, 0);
	return 0;
}
"""


def test_a_name_in_a_kernel_object_is_copied_before_it_is_a_key() -> None:
    text = MAP.format(kind="HASH", key="char[16]") + EXEC
    at = site(text, "bpf_map_lookup_elem")
    new = text.replace(
        "	if (!bpf",
        "	char comm[16];\n\n	bpf_probe_read_kernel(comm, sizeof(comm), p->comm);\n	if (!bpf",
    ).replace("&m, p->comm", "&m, comm")
    assert patched(at, copied(at, call_at(at).args[1], call_at(at))) == new


def test_a_structure_in_a_kernel_object_is_copied_by_address() -> None:
    text = MAP.format(kind="HASH", key="struct path") + EXEC.replace("p->comm", "&p->path")
    at = site(text, "bpf_map_lookup_elem")
    new = patched(at, copied(at, call_at(at).args[1], call_at(at)))
    assert "	struct path path;\n\n	bpf_probe_read_kernel(&path, sizeof(path), &p->path);\n" in new
    assert new.count("&m, &path") == 2


# The packet's end beside its start

STALE = """\
SEC("tc")
int f(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;
	struct iphdr *ip;

	bpf_skb_pull_data(skb, 0);
	data = (void *)(long)skb->data; // it was moved
	ip = data + 14;
	if ((void *)(ip + 1) > end)
		return TC_ACT_OK;
	return ip->ttl;
}
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_end_is_read_where_the_start_is_read_again(ends: str) -> None:
    text = STALE.replace("\n", ends)
    at = site(text, "ip->ttl")
    read = f"moved{ends}	end = (void *)(long)skb->data_end;{ends}"
    assert patched(at, end_beside_start(at)) == text.replace(f"moved{ends}", read)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("	data = (void *)(long)skb->data; // it was moved\n", ""),
        ("	ip = data + 14;\n", "	end = (void *)(long)skb->data_end;\n	ip = data + 14;\n"),
        ("	if ((void *)(ip + 1) > end)\n		return TC_ACT_OK;\n", ""),
    ],
)
def test_an_end_that_is_new_or_not_compared_is_left_alone(old: str, new: str) -> None:
    at = site(STALE.replace(old, new), "ip->ttl")
    assert end_beside_start(at) == ()


# Look up or put there

COUNTED = """\
SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 zero = 0, *n;
	__u32 key = 1;

	n = bpf_map_lookup_elem(&m, &key);
	if (!n) // the first
		bpf_map_update_elem(&m, &key, &zero, BPF_NOEXIST);
	*n += 1;
	return TC_ACT_OK;
}
"""


def test_what_was_put_there_is_looked_up_in_a_body_that_gets_braces() -> None:
    at = site(MAP.format(kind="HASH", key="__u32") + COUNTED, "*n += 1")
    again = "\t\tn = bpf_map_lookup_elem(&m, &key);\n\t\tif (!n)\n\t\t\treturn TC_ACT_OK;\n\t}\n"
    new = at.c.text.replace("(!n) //", "(!n) { //").replace("NOEXIST);\n", f"NOEXIST);\n{again}")
    assert patched(at, looked_up_again(at, "n")) == new


def test_what_has_an_else_is_not_taken_apart() -> None:
    text = MAP.format(kind="HASH", key="__u32") + COUNTED.replace(
        "	*n", "	else\n		key = 2;\n	*n"
    )
    at = site(text, "*n += 1")
    assert looked_up_again(at, "n") == ()


# A record of the largest size

RECORD = """\
SEC("tp/x")
int record(void *ctx)
{{
	__u32 len = length(ctx);
	struct event *e;

{limit}	e = bpf_ringbuf_reserve(&m, {size}, 0); /* as long as it is */
	return 0;
}}
"""


@pytest.mark.parametrize(
    ("limit", "most"),
    [
        ("	if (len > 128)\n		return 0;\n", "128"),
        ("	if (len > MOST) {\n		return 0;\n	}\n", "MOST"),
        ("	if (len >= 128)\n		return 0;\n", "(128 - 1)"),
        ("	if (len > sizeof(e->data))\n		len = sizeof(e->data);\n", "sizeof(e->data)"),
        ("	len &= 127;\n", "127"),
        ("	len = length(ctx) & 127;\n", "127"),
    ],
)
@pytest.mark.parametrize("size", ["len", "sizeof(*e) + len", "HEAD + len"])
def test_as_much_is_reserved_as_a_check_or_a_mask_lets_through(limit: str, most: str, size: str) -> None:
    at = site(RECORD.format(limit=limit, size=size), "bpf_ringbuf_reserve")
    new = size.removesuffix("len") + most
    assert patched(at, largest(at)) == RECORD.format(limit=limit, size=new)


@pytest.mark.parametrize("limit", ["", "	if (len > 128)\n		return 0;\n	len = length(ctx);\n"])
def test_a_size_of_any_value_stays(limit: str) -> None:
    assert largest(site(RECORD.format(limit=limit, size="len"), "bpf_ringbuf_reserve")) == ()


# A large local

LARGE = """\
SEC("tp/x")
int large(void *ctx)
{
	struct event from = {}, to; // both

	to.pid = from.pid = sizeof(to);
	send(&from, &to);
	return 0;
}
"""


def test_of_two_locals_one_is_moved_into_a_map() -> None:
    at = site(LARGE, "to.pid")
    declared = at.c.declaration_of("to", at.line)
    assert declared is not None
    new = patched(at, moved(at, declared))
    assert "	struct event from = {}; // both\n	__u32 to_key = 0;\n	struct event *to = " in new
    assert "	to->pid = from.pid = sizeof(*to);\n	send(&from, to);\n" in new


def test_what_is_said_of_a_local_stays_with_it() -> None:
    at = site(LARGE.replace("from = {}, to;", "from;").replace("to.pid = ", ""), "from.pid")
    declared = at.c.declaration_of("from", at.line)
    assert declared is not None
    assert "	struct event *from = bpf_map_lookup_elem(&from_memory, &from_key); // both\n" in patched(
        at, moved(at, declared)
    )


# A signed division

DIVIDED = """\
#define EIGHT 8
int f(void *ctx, long far)
{
	int sum = g(ctx), count = h(ctx);

	%s /* the mean */
	return sum;
}
"""


@pytest.mark.parametrize(
    ("statement", "new"),
    [
        ("sum = sum / count;", ["sum = (unsigned int)sum / count;"]),
        ("sum /= count;", ["sum = (unsigned int)sum / count;"]),
        ("sum = far / (count + 1);", ["sum = (unsigned long)far / (count + 1);"]),
        ("sum = (sum + 1) % count;", ["sum = (unsigned int)(sum + 1) % count;"]),
        (
            "sum /= EIGHT;",
            [
                "sum = sum < 0 ? -(int)(-(unsigned int)sum / EIGHT) : (int)((unsigned int)sum / EIGHT);",
                "sum = (unsigned int)sum / EIGHT;",
            ],
        ),
        (
            "sum = 1 + far % 10;",
            [
                "sum = 1 + (far < 0 ? -(long)(-(unsigned long)far % 10) : (long)((unsigned long)far % 10));",
                "sum = 1 + (unsigned long)far % 10;",
            ],
        ),
    ],
)
def test_a_signed_division_is_one_of_unsigned_numbers(statement: str, new: list[str]) -> None:
    at = site(DIVIDED % statement, statement)
    at = replace(at, line=6, column=at.c.line(6).index("/" if "/" in statement else "%") + 1)
    assert [patched(at, plans) for plans in divided(at)] == [DIVIDED % each for each in new]


# A kernel function that vmlinux.h declares

DECLARED = """\
#include "vmlinux.h"
/* gives it back */
void bpf_task_release(struct task_struct *task) __ksym;
extern struct task_struct *
bpf_task_acquire(struct task_struct *task) __ksym; // takes one
int bpf_task_release_all(void) __ksym;

int f(void *ctx)
{
	bpf_task_release(bpf_task_acquire(ctx));
	return 0;
}
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("name", "gone"), [("bpf_task_release", [2]), ("bpf_task_acquire", [3, 4]), ("bpf_other", []), ("f", [])]
)
def test_only_the_declaration_goes(name: str, gone: list[int], ends: str) -> None:
    text = DECLARED.replace("\n", ends)
    new = apply(text, edits(without("a.c", CFile(text), name), lambda plan: "", lambda file: text))
    left = [line for number, line in enumerate(text.splitlines(keepends=True)) if number not in gone]
    assert new == "".join(left)
