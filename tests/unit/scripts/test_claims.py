"""Versions in pages and sentences: each has something behind it, and no fact has two."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from bpfdoctor.kernel import helpers, kfuncs
from bpfdoctor.kernel.versions import numbers
from scripts import claims, wordings

RULES = claims.HERE / "rules"


def page(folder: Path, text: str, name: str = "packet-bounds") -> Path:
    file = folder / f"{name}.md"
    file.write_text(f'+++\n[always]\nheadline = "a check"\n+++\n{text}\n')
    return file


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Since Linux 4.99 this is refused.", 1),
        ("A kernel needs CONFIG_NO_SUCH_THING for it.", 1),
        ("Nothing is said of any kernel.", 0),
        ("Since Linux 4.99 (commit c04c0d2b968a) this is refused.", 1),
        ("Since Linux 5.2 (commit c04c0d2b968a) this is refused.", 0),
        ("See check_x() in kernel/bpf/verifier.c: since Linux 4.99 this is refused.", 1),
        ("4.99 and later refuse this", 1),
        ("iproute2 5.99 refuses this", 0),
        ("Write a loop: bpf_loop came with Linux 5.17.", 0),
        ("Write a loop: bpf_loop came with Linux 5.16.", 1),
        ("Programs loaded by root may loop since Linux 5.3.", 0),  # rules/claims.toml
    ],
)
def test_a_claim_is_backed_by_what_its_sentence_names(tmp_path: Path, text: str, found: int) -> None:
    assert len(list(claims.claims(page(tmp_path, text)))) == found


def test_a_sentence_of_the_head_is_a_claim_too(tmp_path: Path) -> None:
    file = tmp_path / "packet-bounds.md"
    file.write_text('+++\n[outcome.A]\nwhy = "only since Linux 4.99"\n+++\nA page.\n')
    assert len(list(claims.claims(file))) == 1


def test_a_sentence_of_an_advice_is_backed_by_its_source(tmp_path: Path) -> None:
    file = tmp_path / "load-refused.md"
    advice = '[[advice]]\nstep = "read"\nmeans = "newer than {}"\nsource = "commit c04c0d2b968a"\n'
    for release, found in (("5.2", 0), ("5.3", 1)):
        file.write_text(f"+++\n{advice.format(release)}+++\nA page.\n")
        assert len(list(claims.claims(file))) == found


def test_no_rule_claims_anything_without_a_source() -> None:
    assert [each for page in RULES.glob("*/*.md") for each in claims.claims(page)] == []


def test_a_false_release_on_any_page_is_noticed(tmp_path: Path) -> None:
    """Each place where a page names a release of Linux: made a false one, it has no source."""
    release = re.compile(r"(?<=Linux )[3-7]\.\d{1,2}\b(?!\.\d)")
    places = []
    for file in sorted(RULES.glob("*/*.md")):
        text = wordings.SENTENCE.sub("", file.read_text())
        body = text.partition("\n+++\n")[2]
        shown = re.sub(r"```.*?```", lambda found: " " * len(found[0]), body, flags=re.S)
        places += [(file.name, text, found.span()) for found in release.finditer(shown)]
    green = []
    for name, text, (start, end) in places:
        head, fence, body = text.partition("\n+++\n")
        (tmp_path / name).write_text(f"{head}{fence}{body[:start]}6.97{body[end:]}")
        if not list(claims.claims(tmp_path / name)):
            green.append((name, body[start - 60 : end + 20]))
    assert len(places) > 40
    assert green == []


def texts() -> dict[str, str]:
    """Every page and the list of claims, by name."""
    files = [*RULES.glob("*/*.md"), *(claims.HERE / "topics").glob("*.md"), RULES / "claims.toml"]
    return {file.stem: file.read_text() for file in files}


def test_a_commit_has_one_release_on_all_pages() -> None:
    said: defaultdict[str, set[str]] = defaultdict(set)
    for text in texts().values():
        for commits, release in re.findall(r"((?:\b[0-9a-f]{12}\b[^.;\n]*?)+)\(in v(\d+\.\d+)\)", text):
            said[re.findall(r"\b[0-9a-f]{12}\b", commits)[-1]].add(release)
    assert len(said) > 20
    assert {commit: some for commit, some in said.items() if len(some) > 1} == {}


def test_since_when_there_is_a_rule_is_the_release_of_a_commit_on_its_page() -> None:
    dated = {name: re.search(r'^since *= "v([\d.]+)"', text, re.M) for name, text in texts().items()}
    said = {name: found[1] for name, found in dated.items() if found}
    assert len(said) >= 4
    assert [name for name, release in said.items() if f"(in v{release})" not in texts()[name]] == []


def test_a_helper_came_with_the_release_that_the_kernels_facts_have() -> None:
    pattern = re.compile(
        r"`(bpf_\w+)(?:\(\))?`[^.;:|`]{0,60}?(?:since|came with|with|in) (?:Linux )?(?:v)?(\d\.\d{1,2})\b"
    )
    wrong, seen = [], 0
    for name, text in texts().items():
        for function, release in pattern.findall(text):
            fact = helpers.every().get(function) or kfuncs.every().get(function)
            if fact is not None:
                seen += 1
                if numbers(fact.since) != numbers(release):
                    wrong.append((name, function, release, fact.since))
    assert seen >= 5
    assert wrong == []


def test_every_entry_is_of_use_and_its_case_is_there() -> None:
    texts = {page.stem: page.read_text() for page in RULES.glob("*/*.md")}
    for rule, entries in claims.looked_up().items():
        for piece, source in entries.items():
            some = texts.values() if rule == "everywhere" else [texts[rule]]
            assert any(piece in text for text in some), piece
            if source.startswith("corpus/"):
                assert (claims.HERE / source.split(":")[0]).exists(), source


def test_pages_name_the_kernels_of_all_wordings_of_their_rule() -> None:
    assert [page.name for page, text, wanted in wordings.pages() if text != wanted] == []
