"""Each message that a rule knows gets its sentences, all of them."""

from bpfdoctor import catalogue
from bpfdoctor.model.diagnosis import Confidence, Diagnosis
from bpfdoctor.model.report import Flavour, RawReport, Stage
from bpfdoctor.pipeline import diagnose


def sentences(diagnosis: Diagnosis) -> tuple[str, ...]:
    """Those that it must have: what is only recognised, or has advice for one error, knows what to look at."""
    if diagnosis.confidence is Confidence.CLASSIFIED or diagnosis.finding.advice is not None:
        return diagnosis.headline, diagnosis.means, diagnosis.next_step
    headline = diagnosis.headline
    if diagnosis.finding.could_be:  # a piece of a message: where a value is not there, the title is said
        headline = headline or diagnosis.message
    return headline, diagnosis.wants, diagnosis.has


def test_every_example_of_the_catalogue_is_told_whole() -> None:
    """No sentence is empty or has a value left out, for no message that a rule knows."""
    before = {Stage.LOADER: "libbpf: ", Stage.COMPILER: "prog.c:1:1: error: "}
    examples = [
        (rule.name, before.get(match.stage, "") + "\n".join(example))
        for rule in catalogue.load().rules
        for match in rule.matches
        for example in match.examples
    ]
    assert len(examples) > 1500
    told = [
        (name, diagnosis, sentences(diagnosis))
        for name, text in examples
        for report in diagnose(RawReport(f"{text}\n".encode(), "log", Flavour.LOG, Stage.PASTE))
        for diagnosis in report.diagnoses
    ]
    assert [(name, diagnosis.faults) for name, diagnosis, _ in told if diagnosis.faults] == []
    assert [(name, texts) for name, _, texts in told if not all(text.strip() for text in texts)] == []
