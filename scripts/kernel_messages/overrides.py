"""What control flow does not tell about a message, each with the reason."""

from __future__ import annotations

# Functions that draw states, instructions and source lines. They are called on the way to errors, too.
PRINTERS = frozenset(
    {
        "print_verifier_state",
        "print_liveness",
        "print_reg_state",
        "print_scalar_ranges",
        "print_insn_state",
        "print_bpf_insn",
        "print_bpf_end_insn",
        "print_bpf_bswap_insn",
        "verbose_snum",
        "verbose_unum",
        "verbose_linfo",
        # the BTF type before a message; the messages themselves are judged where they are given
        "__btf_verifier_log_type",
        "btf_verifier_log_member",
        "btf_verifier_log_vsi",
        "btf_verifier_log_hdr",
    }
)

# format (or its beginning) -> (kind, why)
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("cur state:", "info", "the states after `infinite loop detected` explain it, they refuse nothing"),
    ("old state:", "info", "the same"),
    ("mark_reg_known_zero(regs, ", "bug", "a register number that cannot be: WARN_ON in the kernel"),
    ("mark_reg_unknown(regs, ", "bug", "the same"),
    ("mark_reg_not_init(regs, ", "bug", "the same"),
    (
        "invalid map_ptr to access map->",
        "bug",
        "the kernel's comment: kernel subsystem misconfigured verifier",
    ),
    ("invalid insn idx %d insn_cnt %d", "bug", "the walk left the program, which check_cfg() has ruled out"),
    ("in-kernel BTF is malformed", "bug", "the kernel's own BTF cannot be read"),
    ("btf_vmlinux is malformed", "info", "printed and passed over: the argument is not taken for a context"),
    ("Please fix kernel include/linux/bpf_types.h", "info", "the same"),
    ("func %s has non-overwritten BPF_PTR_POISON", "bug", "a helper's prototype is wrong"),
    ("allocated_stack too small", "bug", "the kernel lost count of its own stack slots"),
    ("REG INVARIANTS VIOLATION", "bug", "the kernel contradicts itself about a range"),
    (
        "verifier internal error: CONST_PTR_TO_DYNPTR",
        "reject",
        "a program provokes it: it releases a callback's dynptr",
    ),
    ("verifier bug: CONST_PTR_TO_DYNPTR", "reject", "the same; 7.2 dropped the prefix"),
    ("offload device mismatch between prog", "offload", "only for programs bound to a device"),
    ("Target program bound device mismatch", "offload", "the same"),
    ("arg#%d type is not a struct", "reject", "printed in front of the message that refuses the argument"),
    ("Cannot find btf of tracepoint template, fall back", "info", "the kernel goes on with another name"),
    ("signature verification passed", "info", "the function goes on to return 0 through its error label"),
    ("\n", "info", "ends lines of all kinds"),
    ("%s:\n", "info", "a heading"),
    ("\t%s val=", "info", "a BTF enum's member; what is wrong with it follows"),
    ("BUG_", "info", "how the disassembler writes an opcode it does not know"),
)

# Where an error is noted and then passed over for main programs, static subprograms or walks of structs:
# messages from here can stand in the log of a program that loads.
SOFT = frozenset(
    {
        "btf_prepare_func_args",
        "btf_check_func_arg_match",
        "btf_check_subprog_arg_match",
        "btf_check_subprog_call",
        "btf_get_prog_ctx_type",
        "btf_is_prog_ctx_type",
        "btf_validate_prog_ctx_type",
        "btf_translate_to_vmlinux",
        "btf_get_ptr_to_btf_id",
        "btf_struct_walk",
    }
)


def kind(format: str, function: str) -> str:
    """The kind somebody decided by reading the kernel, or ""."""
    if function in PRINTERS and not format.startswith("BUG_"):
        return ""
    return next(
        (
            decided
            for start, decided, _ in _KINDS
            if (format == start if start == "\n" else format.startswith(start))
        ),
        "",
    )
