"""Functions that programs call by name, helpers and kfuncs together: which of them a name is like."""

from __future__ import annotations

from bpfdoctor.kernel import helpers, kfuncs
from bpfdoctor.kernel.versions import series

# bpf_map_lookup is as near to bpf_map_lookup_elem as this; two kfuncs that differ in one short word are not.
_NEAR = 0.84

# What a kernel must be built with, or have loaded, for the kfuncs of a source: the Makefile beside it.
BUILT_WITH = {
    "drivers/hid/bpf/hid_bpf_dispatch.c": "CONFIG_HID_BPF=y",
    "fs/verity/measure.c": "CONFIG_FS_VERITY=y",
    "kernel/sched/ext.c": "CONFIG_SCHED_CLASS_EXT=y",
    "kernel/sched/ext/cid.c": "CONFIG_SCHED_CLASS_EXT=y",
    "kernel/sched/ext/ext.c": "CONFIG_SCHED_CLASS_EXT=y",
    "mm/bpf_memcontrol.c": "CONFIG_MEMCG=y",
    "net/ipv4/fou_bpf.c": "the module fou (CONFIG_NET_FOU)",
    "net/ipv4/tcp_bbr.c": "the module tcp_bbr (CONFIG_TCP_CONG_BBR)",
    "net/ipv4/tcp_cubic.c": "CONFIG_TCP_CONG_CUBIC, or its module tcp_cubic",
    "net/ipv4/tcp_dctcp.c": "the module tcp_dctcp (CONFIG_TCP_CONG_DCTCP)",
    "net/netfilter/nf_conntrack_bpf.c": "the module nf_conntrack (CONFIG_NF_CONNTRACK)",
    "net/netfilter/nf_flow_table_bpf.c": "the module nf_flow_table (CONFIG_NF_FLOW_TABLE)",
    "net/netfilter/nf_nat_bpf.c": "the module nf_nat (CONFIG_NF_NAT)",
    "net/sched/bpf_qdisc.c": "CONFIG_NET_SCH_BPF=y",
    "net/xfrm/xfrm_interface_bpf.c": "the module xfrm_interface (CONFIG_XFRM_INTERFACE)",
}


def like(name: str) -> str | None:
    """The function whose name is nearly this one; None where there is none, or the name itself is one."""
    from difflib import get_close_matches

    names = [*helpers.every(), *kfuncs.every()]
    near = get_close_matches(name[:100], names, n=1, cutoff=_NEAR) if name not in names else []
    return near[0] if near else None


def newest() -> str:
    """The last release that anything here is known of."""
    known = [each for row in kfuncs.every().values() for each in (row.since, row.until) if each]
    return max(known, key=series)
