"""What a call does, helper or kfunc, by the name that logs print."""

from __future__ import annotations

from bpfdoctor.kernel import helpers, kfuncs

# check_kfunc_args() and process_dynptr_func(), kernel/bpf/verifier.c: where each puts its dynptr. Of helpers
# the table tells.
_DYNPTR_OF_KFUNC = {
    "bpf_dynptr_from_skb": 3,
    "bpf_dynptr_from_skb_meta": 3,
    "bpf_dynptr_from_xdp": 3,
    "bpf_dynptr_from_file": 2,
    "bpf_dynptr_clone": 2,
}
CLONES = "bpf_dynptr_clone"  # R2 becomes another dynptr of what R1 is one of: they end together
# What gives memory of the dynptr in R1: check_helper_call() and check_special_kfunc(), the same file.
_GIVES_SLICE = ("bpf_dynptr_data", "bpf_dynptr_slice", "bpf_dynptr_slice_rdwr")
# ref_convert_owning_non_owning(): a list or tree takes the node over, and lends it until the lock is left.
_TAKES_OVER = ("bpf_list_push_", "bpf_list_add", "bpf_rbtree_add")
# invalidate_non_owning_refs(): what was lent ends with the critical section.
_UNLOCKS = ("bpf_spin_unlock", "bpf_res_spin_unlock", "bpf_res_spin_unlock_irqrestore")


def moves_packet(name: str) -> bool:
    """Whether every pointer into the packet is forgotten after it."""
    helper, kfunc = helpers.every().get(name), kfuncs.every().get(name)
    return helper.moves_packet if helper else kfunc is not None and kfunc.moves_packet


def released_argument(name: str) -> int:
    """The argument whose reference ends, counted from 1; 0 for none.

    Kernels do not say which one a kfunc releases: it is the first of each that we know. Of a kfunc that only
    a module or a later kernel has, the name decides.
    """
    if helper := helpers.every().get(name):
        return helper.releases
    kfunc = kfuncs.every().get(name)
    return int(kfunc.releases if kfunc else name.endswith("_release"))


def released_by(name: str) -> tuple[str, ...]:
    """The functions that end the reference it returns, the one that takes nothing but the pointer first."""
    found = helpers.every().get(name) or kfuncs.every().get(name)
    return found.released_by if found else ()


def is_known(name: str) -> bool:
    """Whether one of our kernels has it, so that what is not said of it here does not happen."""
    return name in helpers.every() or name in kfuncs.every()


def makes_dynptr(name: str) -> int:
    """The argument whose stack it makes a dynptr of, counted from 1; 0 for none."""
    helper = helpers.every().get(name)
    if helper is None:
        return _DYNPTR_OF_KFUNC.get(name, 0)
    kinds = enumerate(helper.args, 1)
    return next((at for at, kind in kinds if "PTR_TO_DYNPTR" in kind and "UNINIT" in kind), 0)


def gives_slice(name: str) -> bool:
    """Whether R0 is memory of the dynptr that R1 points to, and ends with it."""
    return name in _GIVES_SLICE


def writes_packet(name: str) -> bool:
    """Whether it may move the packet where the dynptr in R1 is one of an skb."""
    return name == "bpf_dynptr_write"


def takes_over(name: str) -> bool:
    """Whether R2 is a node that a list or a tree owns afterwards."""
    return name.startswith(_TAKES_OVER)


def ends_rcu(name: str) -> bool:
    """Whether pointers that RCU protects are not trusted any more."""
    return name == "bpf_rcu_read_unlock"


def ends_loans(name: str) -> bool:
    """Whether nodes that a list or a tree lends may not be used any more."""
    return name in _UNLOCKS


def is_next(name: str) -> bool:
    """Whether it asks an iterator for its next element: NULL where there are no more."""
    return name.startswith("bpf_iter_") and name.endswith("_next")


def ends_iterator(name: str) -> bool:
    """Whether what the iterator in R1 gave ends with it."""
    return name.startswith("bpf_iter_") and name.endswith("_destroy")
