"""Names from the one source line that a log quotes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpfdoctor.model.trace import Insn, Op, Step
from bpfdoctor.source import quoted


def step(op: Op, callee: str | None = None) -> Step:
    return Step(-1, Insn(7, "", op, dst="r1", src="r1", callee=callee), 0)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("if (udp->dest == bpf_htons(53))", "udp"),
        ("*n += 1; /* never compared */", "n"),
        ("__u64 *n = *slot;", "slot"),
        ("return slot->task->pid;", "slot->task"),
        ("sum[at] = 1;", "sum"),
        ('bpf_printk("%d", event->pid);', "event"),
        ("value = a->x + b->y;", None),  # two pointers
        ("x = &value->lock;", None),  # only an address
        ("total = 3 * width;", None),
        ("} else {", None),
        ("if (skb->len > 4) return *count;", None),
        ("if (!enabled) return *count;", "count"),
        ("left *count + eth->proto", "eth"),
    ],
)
def test_the_pointer_of_the_only_access(line: str, name: str | None) -> None:
    assert quoted.name(line, step(Op.LOAD), "r1", None) == name


@pytest.mark.parametrize(
    ("line", "register", "name"),
    [
        ("struct value *value = bpf_map_lookup_elem(&values, &key);", "r2", "&key"),
        ("bpf_map_update_elem(&seen, (void *)id, &one, BPF_ANY);", "r2", "id"),
        ("bpf_map_update_elem(&seen, &key,", "r1", None),  # goes on on the next line
        ("if (bpf_map_lookup_elem(&a, &k) || bpf_map_lookup_elem(&b, &k))", "r1", None),
    ],
)
def test_the_argument_of_the_only_call(line: str, register: str, name: str | None) -> None:
    callee = "bpf_map_update_elem" if "update" in line else "bpf_map_lookup_elem"
    assert quoted.name(line, step(Op.CALL, callee), register, callee) == name


@given(st.text(alphabet='ab->.*&[](),/" =', max_size=200), st.sampled_from([Op.LOAD, Op.CALL]))
def test_any_line(line: str, op: Op) -> None:
    found = quoted.name(line, step(op, "ab"), "r1", "ab")
    assert found is None or (found and found.replace(" ", "") in line.replace(" ", ""))
