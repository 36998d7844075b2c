"""`bpfdoctor dev`: what people who work on bpfdoctor itself need."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bpfdoctor.cli import terminal
from bpfdoctor.cli.rc import RC
from bpfdoctor.model.problem import Problem

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    short_help="For developers of bpfdoctor.",
    help="""For developers of bpfdoctor, in a checkout: rules and the corpus.

    \b
    Examples:
      bpfdoctor dev check
      bpfdoctor dev capture corpus/cases/packet-bounds/udp-after-ip-check --kernel all
    """,
)


@app.command("check", short_help="Check the rules of the catalogue, or one of them.")
def check_(
    name: Annotated[
        str | None, typer.Argument(metavar="RULE", help="One rule's name; none: all of them")
    ] = None,
) -> None:
    """Print everything that is wrong with the rules; status 1 when there is something.

    \b
    Examples:
      bpfdoctor dev check
      bpfdoctor dev check packet-bounds
    """
    from bpfdoctor import catalogue
    from bpfdoctor.analysis import contract
    from bpfdoctor.catalogue import guard
    from bpfdoctor.fixes import engine
    from bpfdoctor.resources import folder

    rules: catalogue.Catalogue | None
    if name is None:
        wrong = guard.check(folder("rules"))
        rules = None if wrong else catalogue.load()
    else:
        wrong, rules = guard.check_one(folder("rules"), name)
    if rules is not None:
        wrong += [*contract.check(rules), *engine.mistakes(rules.rules)]
    for sentence in wrong:
        terminal.write(sentence + "\n")
    raise typer.Exit(RC.FOUND if wrong else RC.OK)


@app.command("new-rule", short_help="Start a rule from a log that no rule knows.")
def new_rule(
    path: Annotated[str, typer.Argument(metavar="TOPIC/NAME", help="Where it goes: memory/my-rule")],
    log: Annotated[Path, typer.Option("--from", metavar="LOG", help="A real log with the message")],
) -> None:
    """Write rules/TOPIC/NAME.md with the log's message as its [[match]], an id, and a case to fill in.

    \b
    Example:
      bpfdoctor dev new-rule memory/my-rule --from my.log
    """
    from bpfdoctor import pipeline
    from bpfdoctor.catalogue import new_rule
    from bpfdoctor.resources import folder

    blocks = [each.finding.block for report in pipeline.read_log(log) for each in report.diagnoses]
    for written in new_rule.start(folder("rules").parent, path, blocks[-1].lines if blocks else ()):
        terminal.write(f"{written}\n")
    name = path.rpartition("/")[2]
    terminal.write(f"Fill them in, then: bpfdoctor dev check {name}\n")


@app.command(short_help="Store what real kernels say of the corpus's programs.")
def capture(
    cases: Annotated[
        list[Path] | None, typer.Argument(metavar="CASE...", help="corpus/cases/RULE/CASE; none: all of them")
    ] = None,
    kernel: Annotated[str, typer.Option("--kernel", metavar="KERNELS", help="5.10,6.12 or all")] = "all",
    compare: Annotated[
        bool, typer.Option("--compare", help="Write nothing; print what changed against what is stored.")
    ] = False,
) -> None:
    """Load each case on real kernels and store their logs at levels 1 and 2, with the verdicts.

    \b
    Example:
      bpfdoctor dev capture corpus/cases/packet-bounds/udp-after-ip-check --kernel all
    """
    from bpfdoctor import matrix
    from bpfdoctor.lab import cases as stored
    from bpfdoctor.lab import compiled
    from bpfdoctor.resources import folder

    root = folder("corpus") / "cases"
    wanted = cases or sorted(path.parent for path in root.glob("*/*/case.toml"))
    for case in wanted:
        if not (case / "case.toml").is_file():
            raise Problem(
                f"{case} is not a case: it has no case.toml.", "Name a folder like corpus/cases/RULE/CASE."
            )
    changed = False
    for case, found in matrix.capture_logs(wanted, kernel.split(","), terminal.progress):
        terminal.progress_done()
        for name, said in found.verdicts.items():
            before = stored.of_series(case, name)
            if before != said:
                changed = True
                terminal.write(f"{case} {name}: {before or 'nothing stored'} -> {said}\n")
        if not compare:
            stored.write(case, found.verdicts, found.logs)
            if found.bcc:
                compiled.store(case, found.bcc)
    raise typer.Exit(RC.FOUND if compare and changed else RC.OK)
