"""Fields that a program's context got later: a kernel from before refuses to read them."""

from __future__ import annotations

from collections.abc import Mapping

# (structure of include/uapi/linux/bpf.h, field) -> the first release that has it, and the commit
LATER: Mapping[tuple[str, str], str] = {
    ("sk_reuseport_md", "migrating_sk"): "5.14",  # d5e4ddaeb6ab
    ("__sk_buff", "hwtstamp"): "5.16",  # f64c4acea51f
    ("bpf_sk_lookup", "ingress_ifindex"): "5.17",  # f89315650ba3
    ("__sk_buff", "tstamp_type"): "5.18",  # 9bb984f28d5b
}
