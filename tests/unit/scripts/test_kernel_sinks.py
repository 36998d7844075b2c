"""What the extractor finds in C: one way of writing a message each."""

from scripts.kernel_messages.csource import CSource
from scripts.kernel_messages.sinks import Extraction, extract


def extracted(code: str, name: str = "kernel/bpf/verifier.c") -> Extraction:
    return extract([CSource(name, code.encode())])


def formats(body: str, before: str = "") -> list[str]:
    found = extracted(f"{before}\nstatic int check(struct bpf_verifier_env *env, int err)\n{{\n{body}\n}}\n")
    assert found.complaints == []
    return sorted(call.format for call in found.calls)


def test_a_plain_call() -> None:
    assert formats('verbose(env, "R%d !read_ok\\n", regno); return -EACCES;') == ["R%d !read_ok\n"]


def test_strings_in_pieces() -> None:
    assert formats('verbose(env, "invalid access, "\n /* why */ "off=%d\\n", off);') == [
        "invalid access, off=%d\n"
    ]


def test_a_ternary_format_is_two_messages() -> None:
    body = 'verbose(env, is_write ? "write to %s\\n" : "read from %s\\n", name);'
    assert formats(body) == ["read from %s\n", "write to %s\n"]


def test_macros_inside_of_a_string() -> None:
    body = 'verbose(env, PREFIX "value %" PRIx64 "\\n", value);'
    assert formats(body, '#define PREFIX "late "') == ["late value %llx\n"]


def test_a_format_in_a_variable_has_all_its_values() -> None:
    body = 'const char *err = "first %d\\n"; if (x) err = "second %d\\n"; verbose(env, err, 1);'
    assert formats(body) == ["first %d\n", "second %d\n"]


def test_a_format_in_a_parameter_comes_from_the_callers() -> None:
    before = "static void say(struct bpf_verifier_env *env, const char *what) { verbose(env, what); }"
    assert formats('say(env, "one\\n"); say(env, "two\\n");', before) == ["one\n", "two\n"]


def test_a_format_from_a_table() -> None:
    before = 'static const char * const texts[] = { [0] = "zero\\n", [1] = "one\\n" };'
    assert formats("verbose(env, texts[i]);", before) == ["one\n", "zero\n"]


def test_a_macro_with_a_prefix_is_a_sink_by_itself() -> None:
    before = '#define pr_vlog(env, fmt, ...)\\\n\tbpf_verifier_log_write(env, "[nfp] " fmt, ##__VA_ARGS__)'
    assert formats('pr_vlog(env, "not supported: %d\\n", x);', before) == ["[nfp] not supported: %d\n"]


def test_the_condition_that_verifier_bug_if_prints() -> None:
    before = (
        "#define verifier_bug_if(cond, env, fmt, args...) \\\n"
        ' ({ if (cond) verifier_bug(env, fmt " (" #cond ")", ##args); })\n'
        '#define verifier_bug(env, fmt, args...) ({ bpf_log(log, "verifier bug: " fmt "\\n", ##args); })'
    )
    body = 'if (verifier_bug_if(idx  <\n 0, env, "no program at %d", idx)) return -EFAULT;'
    assert formats(body, before) == ["verifier bug: no program at %d (idx < 0)\n"]


def test_a_separator_of_a_macro_is_no_part_of_the_message() -> None:
    before = '#define verbose_a(fmt, ...) ({ verbose(env, "%s" fmt, sep, ##__VA_ARGS__); sep = ","; })'
    assert formats('verbose_a("id=%d", reg->id);', before) == ["id=%d"]


def test_attributes_do_not_confuse_and_strings_keep_theirs() -> None:
    code = (
        "__printf(2, 3) static void other(void *p, const char *fmt, ...);\n"
        "BTF_SET_START(deny)\nBTF_ID(func, foo)\nBTF_SET_END(deny)\n"
        'static int check(u32 __user *p) { verbose(env, "&(void __percpu *)(r%d)\\n", r); return -EINVAL; }\n'
    )
    found = extracted(code)
    assert [(call.function, call.format) for call in found.calls] == [("check", "&(void __percpu *)(r%d)\n")]
    assert found.complaints == []


def test_a_type_without_a_message_is_no_message() -> None:
    assert formats("btf_verifier_log_type(env, t, NULL);") == []


def test_netlink_messages_carry_their_module() -> None:
    code = 'static int load(void) { NL_SET_ERR_MSG_MOD(extack, "stack too large"); return -EOPNOTSUPP; }'
    found = extracted(code, "drivers/net/ethernet/netronome/nfp/bpf/offload.c")
    assert [call.format for call in found.calls] == ["nfp: stack too large"]


def test_of_the_network_core_only_xdp_is_read() -> None:
    code = (
        'static int dev_xdp_attach(void) { NL_SET_ERR_MSG(extack, "already attached"); return -EBUSY; }\n'
        'static int dev_set_mtu(void) { NL_SET_ERR_MSG(extack, "mtu too small"); return -EINVAL; }\n'
    )
    found = extracted(code, "net/core/dev.c")
    assert [call.format for call in found.calls] == ["already attached"]


def test_a_report_lists_what_its_callers_word() -> None:
    code = (
        "void bpf_diag_memory(struct bpf_verifier_env *env, const char *problem, const char *reason)\n"
        '{ bpf_diag_header(env, "Memory Safety", problem); diag_reason(env, "%s", reason); }\n'
        "int check(struct bpf_verifier_env *env)\n"
        '{ bpf_diag_memory(env, "uninitialized stack read", bpf_diag_fmt(env, "R%d is unread", r)); }\n'
    )
    found = extracted(code)
    assert sorted((call.sink.part, call.format) for call in found.calls) == [
        ("problem", "uninitialized stack read"),
        ("reason", "R%d is unread"),
    ]


def test_an_unreadable_format_is_a_complaint() -> None:
    found = extracted("static int check(void) { verbose(env, mystery->text); return -EINVAL; }")
    assert found.complaints == ["kernel/bpf/verifier.c:1: mystery->text is no format"]


def test_a_call_in_a_define_is_not_expected() -> None:
    code = '#define lost verbose(env, "b\\n")\nstatic int check(void) { verbose(env, "a\\n"); return -1; }\n'
    assert extracted(code).complaints == []


def test_a_call_that_the_parser_lost_is_a_complaint() -> None:
    found = extracted('int check(void) { asm("text" verbose(env, "c\\n")); }')
    assert found.complaints == ["kernel/bpf/verifier.c: 1 calls in the text, 0 in the syntax tree"]


def test_a_new_function_that_prints_is_a_complaint() -> None:
    code = (
        "static void new_sink(struct bpf_verifier_env *env, const char *fmt, ...)\n"
        "{ va_list args; va_start(args, fmt); bpf_verifier_vlog(&env->log, fmt, args); va_end(args); }\n"
    )
    assert extracted(code).complaints == [
        "kernel/bpf/verifier.c: new_sink() prints to the log and is not in sinks.FUNCTIONS"
    ]
