"""The answers to BCC programs use the user's names: nothing of what BCC made of the program shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bpfdoctor.kernel import helpers, kfuncs
from bpfdoctor.model.diagnosis import Diagnosis
from scripts import bcc_answers, causes

CASES = bcc_answers.bcc_cases()
C = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long"
    " register return short signed sizeof static struct switch typedef union unsigned void volatile while"
    " typeof NULL memset memcpy __builtin_memset __builtin_memcpy __always_inline bool".split()
)
# BCC's own words for users, types of the kernel's headers, members of their contexts.
API = re.compile(
    r"BPF_\w+|PT_REGS_\w+|SEC|(?:__)?[us](?:8|16|32|64)|data(?:_end)?|LICENSE|trace_pipe"
    r"|lookup\w*|\w*increment|perf_submit\w*|ringbuf_\w+|(?:lru_|percpu_)?(?:hash|array)|perf_output"
)
# What a new line declares: a variable, a function, a map.
_DECLARED = re.compile(
    r"(?:\b(?:char|int|long|struct \w+|enum \w+|\w+_t|[us]\d+)[\s*]+|\btypeof\([^;=]*\)[\s*]+|\bstruct |BPF_\w+\()(\w+)"
)
# In prose a name has an underscore, or is called.
_IN_PROSE = re.compile(r"\b[a-z]\w*_\w+|\b[a-z_]\w+(?=\()")
_VERIFIERS = {"map_value_or_null", "inv", "scalar", "ptr_", "kernel_function", "scalar_value"}


def prose(found: Diagnosis) -> str:
    """The sentences of an answer."""
    labels = (label.text for label in (*found.labels, *found.flow))
    fixes = (text for fix in found.fixes for text in (fix.title, fix.why))
    cause = found.root_cause.text if found.root_cause else ""
    return " ".join((found.headline, found.wants, found.has, found.lost, found.note, cause, *labels, *fixes))


def is_known(word: str, users: frozenset[str], declared: set[str]) -> bool:
    return (
        word in users | declared | C
        or word in helpers.every()
        or word in kfuncs.every()
        or API.fullmatch(word) is not None
    )


def test_there_are_programs_and_tools_of_each_kind() -> None:
    assert sum(bool(bcc_answers.answers(case)) for case in CASES) >= 70
    assert sum(case.name.startswith("bcc-tool") for case in CASES) >= 20


@pytest.mark.parametrize("case", CASES, ids=causes.name)
def test_code_in_an_answer_has_the_users_names(case: Path) -> None:
    users = bcc_answers.users_words(case)
    for log, found in bcc_answers.answers(case):
        new = " ".join(line for fix in found.fixes for edit in fix.edits for line in edit.lines)
        declared = set(_DECLARED.findall(new))
        words = bcc_answers.identifiers(found)
        assert not {word for word in words if not is_known(word, users, declared)}, log


@pytest.mark.parametrize("case", CASES, ids=causes.name)
def test_sentences_name_what_the_user_wrote(case: Path) -> None:
    users = bcc_answers.users_words(case)
    for log, found in bcc_answers.answers(case):
        words = set(_IN_PROSE.findall(prose(found))) - _VERIFIERS
        assert not {word for word in words if not is_known(word, users, set())}, log


@pytest.mark.parametrize("case", CASES, ids=causes.name)
def test_what_is_drawn_is_the_users(case: Path) -> None:
    users = bcc_answers.users_words(case)
    for log, found in bcc_answers.answers(case):
        assert set(bcc_answers.variables(found)) <= users, log
