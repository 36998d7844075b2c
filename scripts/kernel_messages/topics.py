"""Sorts messages by what they are about: the rows of `make coverage`."""

from __future__ import annotations

import re

# The first match wins; a pattern is searched in "function format".
_TOPICS: tuple[tuple[str, str], ...] = (
    ("insn-dump", r"^print_bpf_\w+ "),
    (
        "state-dump",
        r"^(print_verifier_state|print_liveness|print_reg_state|print_scalar_ranges|"
        r"print_insn_state|verbose_[su]num) |(cur|old) state:",
    ),
    ("source-line", r"^verbose_linfo |^\w+ (; |%d: )$"),
    (
        "precision",
        r"mark_precise|force_precise|propagating|last_idx|regs=%x stack|^(backtrack_insn|"
        r"__mark_chain_precision|propagate_precision) (?!BUG|verifier)",
    ),
    (
        "liveness",
        r"^(compute_live_registers|bpf_compute_live_registers|print_instance|arg_track\w*|"
        r"verbose_arg_track|log_mask_change|print_subprog_arg_access|bpf_live_\w+|"
        r"bpf_stack_liveness\w*|analyze_subprog|compute_subprog_args|sort_subprogs_topo|"
        r"compute_topo\w*) (?!verifier bug|recursive|liveness analysis)|live stack update",
    ),
    ("summary", r"^print_verification_stats "),
    (
        "walk",
        r"from %d to %d|%d: safe|^\w+ (caller:|callee:|returning from|to caller)|SCC (enter|exit|"
        r"backedge)|^\w+ func#%d @%d|is global and|is safe for any args|Validating %s|topo_order",
    ),
    ("core-relo", r"CO-RE|core_relo|cand_cache|bpf_core|candidate|relo #"),
    ("signature", r"\bsign(ed|ature|ing)\b(?! member| bounds)|excl_prog_hash"),
    (
        "btf",
        r"^btf_(parse|check_(sec|meta|all|type_tags|modifier)|\w+_(check_meta|check_member|"
        r"check_kflag_member|resolve|log)\b|add_type|resolve|func_check|func_proto_check|"
        r"verifier_log|struct_check|df_|new)|btf_(hdr|header)|^__btf_verifier_log|^btf_verifier_log|"
        r"^__print_cand",
    ),
    (
        "func-info",
        r"^(check_btf_\w+|prepare_btf_func|check_abnormal_return|adjust_btf_func|check_core_relo) ",
    ),
    ("exceptions", r"exception|bpf_throw"),
    (
        "sleep-and-rcu",
        r"program\w* can (only )?be sleepable|cannot be sleepable|is not sleepable",
    ),
    (
        "struct-ops",
        r"struct_ops|^check_struct_ops|_ops_btf_struct_access|bpf_tcp_ca|bpf_qdisc|__ref argument|"
        r"tcp_sock",
    ),
    (
        "attach",
        r"^(bpf_check_attach_target|check_attach_\w+|bpf_lsm_verify_prog|check_non_sleepable|"
        r"btf_distill_func_proto|bpf_iter\w*|btf_attach\w*|bpf_prog_\w*attach\w*|dev_xdp\w+|"
        r"cls_bpf\w+|netif_\w+) |attach|[Ee]xtension (prog|requires)|freplace|fmod_ret|LSM",
    ),
    (
        "global-functions",
        r"^btf_(prepare_func_args|check_func_arg_match|check_subprog\w+|check_func_type_match|"
        r"check_type_match|get_prog_ctx_type|is_prog_ctx_type|scan_\w+|get_ptr_to_btf_id|"
        r"validate_prog_ctx\w*|check_global_func\w*) |Caller passes invalid|"
        r"global func(?!tion calls)",
    ),
    ("arena", r"arena|addr_space_cast"),
    ("dynptr", r"(?i:dynptr)"),
    ("iterators", r"iter_|\biter(ator)?\b"),
    ("irq", r"irq|IRQ"),
    ("sleep-and-rcu", r"sleepable|rcu|RCU|preempt|might sleep"),
    ("locks", r"_lock\b|spin_lock|_unlock|\block\b|held lock|%s_lock"),
    ("atomics", r"BPF_ATOMIC|BPF_XADD|atomic|load-acquire|store-release"),
    (
        "graph",
        r"list_|rbtree|rb_node|bpf_obj_(new|drop)|percpu_obj|refcount|graph|non-owning|non_own|"
        r"allocated object|arg#1 offset|node |%s not found at offset|has to be at the constant|"
        r"operation on %s",
    ),
    (
        "map-fields",
        r"kptr|uptr|timer|workqueue|_wq\b|\bwq\b|task_work|btf_field|cannot be accessed (directly|"
        r"indirectly)|^check_map_(kptr|field)",
    ),
    (
        "jump-tables",
        r"jump table|any offset in map|gotox|indirect jump|insn_array|PTR_TO_INSN|jt\b|"
        r"the sum of R",
    ),
    ("alignment", r"misaligned"),
    (
        "control-flow",
        r"jump out of range|unreachable insn|ldimm64 insn \d|jump into|last insn|conditional jump|"
        r"patched due|^(push_insn|check_cfg|bpf_check_cfg|check_subprogs|visit_\w+) (?!back-edge|"
        r"call|function calls)",
    ),
    (
        "kernel-config",
        r"CONFIG_|callchain buffer|JIT|jit|PREEMPT_RT|not supported by|Please fix kernel",
    ),
    ("unprivileged", r"!root|CAP_|speculative verification|prohibited for|^sanitize_\w+ "),
    ("leaks", r"leak(s|ing)? addr|leaking pointer|partial copy of pointer|sign-extension part"),
    ("references", r"\b[Rr]eference|must be referenced|refcounted|acquire|release"),
    (
        "map-compat",
        r"^(check_map_prog_compat\w*|map_create\w*|add_used\w*|__add_used\w*|add_fd\w*|"
        r"process_fd_array\w*|fd_array\w*) |preallocated|fd_idx|fd_array",
    ),
    ("kfuncs", r"kfunc|kernel func"),
    ("callbacks", r"callback|async cb"),
    (
        "complexity",
        r"too (large|complex|many|deep)|infinite loop|back-edge|may_goto|iteration limit|"
        r"exceeded complexity",
    ),
    (
        "subprogs",
        r"subprog|bpf-to-bpf|tail.call|call stack|combined stack|global function|static function|"
        r"func#|stack arg|recursive call|caller|callee",
    ),
    (
        "encoding",
        r"invalid BPF_|nesting depth|reserved|opcode|unknown insn|BPF_LD_IMM|BPF_(ALU|END|MOV|NEG|"
        r"JMP|CALL|EXIT|ST)|div by zero|invalid shift|is invalid|ldimm64|_ld_imm|BPF_LD_\[ABS|LD_ABS",
    ),
    (
        "context",
        r"dereference of modified|negative offset %s ptr|variable %s access|bpf_context|\bctx\b"
        r"|context|^btf_ctx_access |"
        r"func '%s'",
    ),
    (
        "return-value",
        r"program exit|register R0|R0 not a scalar|return code|^(verbose_invalid_scalar|"
        r"check_return_code|check_global_subprog_return_code) | should have been in",
    ),
    ("packet", r"packet|flow keys|pkt"),
    (
        "map-values",
        r"change key|map value|write into map|read from map|map key|map pointer|map_ptr|value_size|"
        r"^check_map_\w+ |^(record_func_map|resolve_map_arg_type|check_ptr_to_map_access) ",
    ),
    ("stack", r"stack|spill|fill|frame pointer"),
    ("null", r"NULL|null"),
    (
        "pointer-arithmetic",
        r"pointer (arithmetic|offset|comparison)|math between|bitwise operator|subtract|"
        r"out of bounds|pointer %s pointer|^(adjust_ptr\w*|check_reg_sane\w*) ",
    ),
    (
        "btf-pointers",
        r"nf_conn|BTF pointers|different pointers|^(btf_struct_walk|btf_struct_access|"
        r"check_ptr_to_btf_access|bpf_dummy_ops\w*) |ptr_%s|struct %s|btf_id|BTF ID",
    ),
    ("registers", r"!read_ok|not initialized|uninit"),
    (
        "memory-bounds",
        r"invalid %s access|unbounded|min value|max value|invalid access|invalid mem access|buffer|"
        r"zero-sized|mem_size|cannot write into|memory",
    ),
    (
        "helper-arguments",
        r"^(check_func_arg\w*|check_reg_type|check_helper\w*|check_arg\w*|check_mem_size_reg|"
        r"check_map_func\w*|check_bpf_snprintf\w*|check_get_func_ip|check_special\w*) |func %s#%d|"
        r"helper|expected=",
    ),
)
_COMPILED = tuple((topic, re.compile(pattern)) for topic, pattern in _TOPICS)


def topic(kind: str, via: str, uses: list[tuple[str, str]], format: str) -> str:
    """The topic of a message that `uses` (function, file) print."""
    if kind == "report":
        return "kernel-report"
    if via == "netlink":
        return "netlink"
    if kind == "offload":
        return "offload"
    if kind == "bug":
        return "verifier-bug"
    for name, pattern in _COMPILED:
        if any(pattern.search(f"{function} {format}") for function, _ in uses):
            return name
    return "other"
