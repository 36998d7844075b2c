"""What is read from a kernel's sources: small trees in the forms of old and new kernels."""

from __future__ import annotations

import pytest

from scripts.kernel_facts import data, record
from scripts.kernel_facts.extract import everything

OLD = {
    "include/uapi/linux/bpf.h": """
enum bpf_map_type { BPF_MAP_TYPE_UNSPEC, BPF_MAP_TYPE_HASH, };
enum bpf_prog_type { BPF_PROG_TYPE_UNSPEC, BPF_PROG_TYPE_KPROBE, };
#define __BPF_FUNC_MAPPER(FN)	\\
	FN(unspec),		\\
	FN(ring_submit),	\\
	FN(skb_pull),		\\

enum bpf_func_id { __BPF_FUNC_MAPPER(__BPF_ENUM_FN) };
""",
    "include/linux/bpf_types.h": "#ifdef CONFIG_NET\nBPF_MAP_TYPE(BPF_MAP_TYPE_HASH, ops)\n#endif\n",
    "kernel/bpf/verifier.c": """
static const char * const reg_type_str[] = {
	[NOT_INIT] = "?", [SCALAR_VALUE] = "inv", [PTR_TO_MEM_OR_NULL] = "mem_or_null",
	[PTR_TO_BTF_ID_OR_NULL] = "ptr_or_null_",
};
static bool is_release_function(enum bpf_func_id func_id)
{
	return func_id == BPF_FUNC_ring_submit;
}
""",
    "kernel/bpf/ring.c": """
const struct bpf_func_proto bpf_ring_submit_proto = {
	.func = bpf_ring_submit, .ret_type = RET_VOID, /* .gpl_only = true, */
	.arg1_type = ARG_PTR_TO_ALLOC_MEM,
};
""",
    "net/core/filter.c": """
static const struct bpf_func_proto bpf_skb_pull_proto = {
	.func		= bpf_skb_pull,
	.gpl_only	= true,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
};
static const struct bpf_func_proto sk_skb_pull_proto = {
	.func = sk_skb_pull,
	.arg1_type = ARG_PTR_TO_CTX | PTR_MAYBE_NULL,
};
	case BPF_FUNC_skb_pull:
		return type ? &bpf_skb_pull_proto : &sk_skb_pull_proto;
	default:
bool bpf_helper_changes_pkt_data(void *func)
{
	if (func == sk_skb_pull)
		return true;
	return false;
}
""",
}
NEW = {
    "include/uapi/linux/bpf.h": """
enum bpf_map_type {
	BPF_MAP_TYPE_UNSPEC,
	BPF_MAP_TYPE_HASH,
	BPF_MAP_TYPE_STORE_DEPRECATED = 19,
	BPF_MAP_TYPE_STORE = BPF_MAP_TYPE_STORE_DEPRECATED,
	BPF_MAP_TYPE_ARENA,
	__MAX_BPF_MAP_TYPE
};
enum bpf_prog_type { BPF_PROG_TYPE_UNSPEC, BPF_PROG_TYPE_KPROBE, };
#define ___BPF_FUNC_MAPPER(FN, ctx...)	\\
	FN(unspec, 0, ##ctx)		\\
	FN(ring_submit, 1, ##ctx)	\\
	FN(skb_pull, 2, ##ctx)		\\

""",
    "include/linux/bpf_types.h": """
#if defined(CONFIG_CGROUPS) && X
BPF_MAP_TYPE(BPF_MAP_TYPE_STORE, ops)
#ifdef CONFIG_BPF_EVENTS
BPF_PROG_TYPE(BPF_PROG_TYPE_KPROBE, kprobe, a, b)
#endif
#endif
""",
    "kernel/bpf/syscall.c": """
static bool is_perfmon_prog_type(enum bpf_prog_type prog_type)
{
	case BPF_PROG_TYPE_KPROBE:
		return true;
}
""",
    "kernel/bpf/verifier.c": """
static bool is_acquire_function(enum bpf_func_id func_id)
{
	if (func_id == BPF_FUNC_ring_submit)
		return true;
	if (func_id == BPF_FUNC_skb_pull && map_type == BPF_MAP_TYPE_HASH)
		return true;
	return false;
}
bool bpf_is_kfunc_pkt_changing(struct meta *meta)
{
	return meta->func_id == special_kfunc_list[KF_bpf_pull];
}
""",
    "kernel/bpf/ring.c": """
const struct bpf_func_proto bpf_ring_submit_proto = {
	.func = bpf_ring_submit, .might_sleep = true,
	.arg1_type = ARG_ANYTHING, .arg2_type = ARG_PTR_TO_RINGBUF_MEM | OBJ_RELEASE,
};
BTF_KFUNCS_START(ids)
#define EACH(name) BTF_ID_FLAGS(func, name, KF_RCU)
BTF_ID_FLAGS(func, bpf_pull,
	KF_ACQUIRE | KF_RET_NULL)
BTF_KFUNCS_END(ids)
BTF_SET8_START(my_fmodret_ids)
BTF_ID_FLAGS(func, not_for_programs)
BTF_SET8_END(my_fmodret_ids)
""",
    "net/core/filter.c": """
static const struct bpf_func_proto bpf_skb_pull_proto = { .func = bpf_skb_pull, };
bool bpf_helper_changes_pkt_data(enum bpf_func_id func_id)
{
	case BPF_FUNC_skb_pull:
		return true;
}
""",
    "include/net/xdp.h": "XDP_METADATA_KFUNC(XDP_KFUNC_HASH, \\\n\tNETDEV_HASH, \\\n\tbpf_xdp_hash, xmo)\n",
    "include/uapi/linux/capability.h": "#define CAP_BPF\t\t39\n#define CAP_LAST_CAP CAP_BPF\n",
}


def test_helpers_of_old_kernels() -> None:
    facts = everything(OLD.items())["helpers"]
    assert facts == {
        "bpf_ring_submit": {
            "id": 1,
            "args": ["PTR_TO_ALLOC_MEM"],
            "returns": "VOID",
            "releases": 1,
            "source": "kernel/bpf/ring.c",
        },
        "bpf_skb_pull": {
            "id": 2,
            "args": ["PTR_TO_CTX or PTR_TO_CTX|PTR_MAYBE_NULL"],
            "returns": "INTEGER",
            "gpl": "depends",
            "source": "net/core/filter.c",
            "moves_packet": True,
        },
    }


def test_helpers_of_new_kernels() -> None:
    facts = everything(NEW.items())["helpers"]
    assert facts["bpf_ring_submit"] == {
        "id": 1,
        "args": ["ANYTHING", "PTR_TO_RINGBUF_MEM|OBJ_RELEASE"],
        "sleeps": "always",
        "acquires": "always",
        "releases": 2,
        "source": "kernel/bpf/ring.c",
    }
    assert facts["bpf_skb_pull"]["acquires"] == "depends"
    assert facts["bpf_skb_pull"]["moves_packet"]


def test_kfuncs_are_those_of_sets_for_programs() -> None:
    assert everything(NEW.items())["kfuncs"] == {
        "bpf_xdp_hash": {"source": "include/net/xdp.h"},
        "bpf_pull": {"source": "kernel/bpf/ring.c", "flags": ["ACQUIRE", "RET_NULL"], "moves_packet": True},
    }


def test_types_have_their_options_and_rights() -> None:
    facts = everything(NEW.items())
    assert facts["map_types"] == {
        "hash": {"id": 1},
        "store": {"id": 19, "config": "CONFIG_CGROUPS"},
        "arena": {"id": 20},
    }
    assert facts["program_types"] == {
        "kprobe": {"id": 1, "config": "CONFIG_BPF_EVENTS", "needs": ["CAP_PERFMON"]}
    }


def test_registers_and_capabilities() -> None:
    assert everything(OLD.items())["register_kinds"] == {
        "?": {"type": "NOT_INIT"},
        "inv": {"type": "SCALAR_VALUE"},
        "mem": {"type": "PTR_TO_MEM"},
        "ptr": {"type": "PTR_TO_BTF_ID"},
    }
    assert everything(NEW.items())["capabilities"] == {"BPF": {"id": 39}}


def test_a_row_lasts_as_long_as_nothing_changes() -> None:
    old, new = everything(OLD.items()), everything(NEW.items())
    made = record.build([("5.10.1", "a", old), ("6.1.2", "b", old), ("6.2.3", "c", new)])
    rows = [(row["from"], row["to"]) for row in made["helpers"] if row["name"] == "bpf_skb_pull"]
    assert rows == [("5.10.1", "6.1.2"), ("6.2.3", "6.2.3")]
    assert record.dump(made).count('"name": "bpf_skb_pull"') == 2
    newest = {fact["name"]: have for fact, have in record.newest(made, "map_types")}
    assert newest == {"hash": ["5.10.1", "6.1.2", "6.2.3"], "store": ["6.2.3"], "arena": ["6.2.3"]}


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"name": "f", "since": "6.5", "commit": "540ccf96ddbc"}, ""),
        ({"name": "f", "since": "6.12"}, "look the commit up"),
        ({"name": "f", "since": "6.1", "commit": "540ccf96ddbc"}, "is the first of our kernels"),
        ({"name": "f", "since": "6.13", "commit": "540ccf96ddbc"}, "is the first of our kernels"),
    ],
)
def test_a_version_that_the_kernels_contradict_is_said(row: dict[str, str], wrong: str) -> None:
    said = list(data.since_is_wrong(row, ["6.12.118"], ["6.1.192", "6.12.118"]))
    assert bool(said) == bool(wrong)
    assert wrong in "".join(said)


def test_the_release_after_another_needs_no_commit() -> None:
    row = {"name": "f", "since": "7.0"}
    assert not list(data.since_is_wrong(row, ["7.0.13"], ["6.19.14", "7.0.13"]))
