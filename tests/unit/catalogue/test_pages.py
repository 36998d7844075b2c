"""What the pages show: programs of the corpus, sessions with real loaders, or why there is none."""

from pathlib import Path

import pytest

from bpfdoctor import catalogue
from bpfdoctor.catalogue import Rule, guard
from bpfdoctor.catalogue.head import split
from bpfdoctor.catalogue.page import SAID, program_file, programs, sessions, sessions_folder, wanting
from bpfdoctor.model.preflight import CAUSES
from bpfdoctor.model.remark import REMARK_RULES
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose
from bpfdoctor.resources import folder

RULES = catalogue.load()
LOADERS = sessions_folder()
SESSIONS = sorted(
    path.parent.relative_to(sessions_folder()) for path in sessions_folder().glob(f"*/*/{SAID}")
)
MOST_WITHOUT = 34  # pages without a program; fewer is better


def body(rule: Rule) -> str:
    path = folder("rules") / rule.topic / f"{rule.name}.md"
    return split(path.read_text(), rule.name)[1]


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.name)
def test_the_programs_of_a_page_are_marked_with_the_rule(rule: Rule) -> None:
    for program in programs(body(rule)):
        marked = f"/* expect: {rule.name} */" in program_file(program).read_text()
        assert marked == program.rpartition("/")[2].startswith("prog.")


def test_a_page_shows_its_programs_without_our_marks() -> None:
    page = RULES.page(RULES.rule("packet-bounds"))
    assert "udp->dest == bpf_htons(53)) /* refused here */" in page
    assert "expect:" not in page and "{{" not in page


def test_a_page_without_a_program_says_what_one_would_need() -> None:
    assert "No program here: it needs a network card" in RULES.page(RULES.rule("hardware-offload"))


def test_few_pages_show_no_program_and_each_says_why() -> None:
    """Preflight's causes are for programs that load: tests attach those, and count what they see. Comments
    in the source are read by no kernel.
    """
    others = (*CAUSES, *REMARK_RULES)
    pages = {rule.name: body(rule) for rule in RULES.rules if rule.name not in others}
    reasons = {
        name: wanting(text) for name, text in pages.items() if not programs(text) and not sessions(text)
    }
    assert [name for name, reason in reasons.items() if reason is None] == []
    assert len(reasons) <= MOST_WITHOUT, "\n".join(f"{name}: it needs {why}" for name, why in reasons.items())


def test_a_page_with_neither_is_an_error(tmp_path: Path) -> None:
    rule = RULES.rule("hardware-offload")
    where = tmp_path / rule.topic / f"{rule.name}.md"
    where.parent.mkdir()
    text = (folder("rules") / rule.topic / f"{rule.name}.md").read_text()
    where.write_text(text.replace("{{ no_program(", "{{ nothing("))
    assert [each for each in guard._page(rule, tmp_path) if "shows no program of the corpus" in each]


@pytest.mark.parametrize("session", SESSIONS, ids=str)
def test_what_a_loader_said_is_told_by_the_rule_whose_page_shows_it(session: Path) -> None:
    rule = session.parts[0]
    said = (LOADERS / session / SAID).read_bytes()
    reports = diagnose(RawReport(said, SAID, Flavour.LOG, Stage.PASTE))
    assert [found.rule for report in reports for found in report.diagnoses] == [rule]
    assert f'session("{session}")' in body(RULES.rule(rule))
    last = (LOADERS / session / "commands.sh").read_text().splitlines()[-1]
    assert f"$ {last}\n{said.decode()}```" in RULES.page(RULES.rule(rule))
