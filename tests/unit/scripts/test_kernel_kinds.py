"""How the use of a call decides whether its message refuses the program."""

import pytest

from scripts.kernel_messages.csource import CSource
from scripts.kernel_messages.kinds import Judge
from scripts.kernel_messages.sinks import extract


def kinds(code: str, name: str = "kernel/bpf/verifier.c") -> dict[str, str]:
    sources = [CSource(name, code.encode())]
    judge = Judge(sources)
    return {call.format: judge.kind(call) for call in extract(sources).calls}


def kind(body: str, head: str = "static int check(struct bpf_verifier_env *env)") -> str:
    return kinds(f"{head}\n{{\n{body}\n}}\n")["m\n"]


@pytest.mark.parametrize(
    "body",
    [
        'if (x) { verbose(env, "m\\n"); return -EACCES; } return 0;',
        'if (x) { verbose(env, "m\\n"); return false; } return true;',
        'if (x) { verbose(env, "m\\n"); return ERR_PTR(-EINVAL); } return p;',
        'if (x) { verbose(env, "m\\n"); err = -EINVAL; goto out; } err = 0; out: free(p); return err;',
        'err = -EINVAL; if (x) { verbose(env, "m\\n"); goto out; } err = 0; out: free(p); return err;',
        'err = f(); if (err) { verbose(env, "m\\n"); goto out; } out: return 0;',
        'if (x) { verbose(env, "m\\n"); goto err_free; } return 0; err_free: free(p); return e;',
        'switch (x) { default: verbose(env, "m\\n"); return -EFAULT; }',
        'if (x) verbose(env, "m\\n"); else verbose(env, "n\\n"); return -EINVAL;',
        'verbose(env, "m\\n"); for (;;) verbose(env, "%s, ", s[i]); verbose(env, "\\n"); return -EACCES;',
        'if (x) { verbose(env, "m\\n"); bpf_diag_memory(env, "p", "r"); return -EACCES; } return 0;',
        'if (IS_ERR(p)) { verbose(env, "m\\n"); return p; } return q;',
    ],
)
def test_an_error_after_the_message_refuses(body: str) -> None:
    assert kind(body) == "reject"


@pytest.mark.parametrize(
    "body",
    [
        'if (env->log.level & BPF_LOG_LEVEL2) verbose(env, "m\\n"); return err;',
        'if (x) verbose(env, "m\\n"); if (y) return -EINVAL; return 0;',
        'verbose(env, "m\\n"); return 0;',
    ],
)
def test_a_remark_does_not(body: str) -> None:
    assert kind(body) == "info"


def test_a_function_that_only_prints_means_what_its_callers_make_of_it() -> None:
    code = (
        'static void complain(struct bpf_verifier_env *env) { verbose(env, "m\\n"); }\n'
        'static void remark(struct bpf_verifier_env *env) { verbose(env, "n\\n"); }\n'
        "static int check(void *env) { if (x) { complain(env); return -EINVAL; } remark(env); return 0; }\n"
    )
    assert kinds(code) == {"m\n": "reject", "n\n": "info"}


def test_the_kernels_own_bugs() -> None:
    found = kinds('int f(void) { verbose(env, "verifier internal error: x\\n"); return -EFAULT; }')
    assert found == {"verifier internal error: x\n": "bug"}


def test_drivers_speak_of_offload() -> None:
    code = (
        '#define pr_vlog(env, fmt, ...) bpf_verifier_log_write(env, "[nfp] " fmt, ##__VA_ARGS__)\n'
        'int f(void) { pr_vlog(env, "no\\n"); return -EINVAL; }'
    )
    assert kinds(code, "drivers/net/ethernet/netronome/nfp/bpf/verifier.c") == {"[nfp] no\n": "offload"}


def test_a_state_that_is_printed_refuses_nothing() -> None:
    code = 'static void print_verifier_state(struct bpf_verifier_env *env) { verbose(env, " R%d", i); }'
    assert kinds(code) == {" R%d": "info"}


def test_the_release_of_a_callbacks_dynptr_is_the_programs_fault() -> None:
    message = "verifier internal error: CONST_PTR_TO_DYNPTR cannot be released\\n"
    code = f'int f(void) {{ verbose(env, "{message}"); return -EFAULT; }}'
    assert set(kinds(code).values()) == {"reject"}
