"""What a loader's module tells: how its lines begin, and the sentences whose words do not say the step."""

from __future__ import annotations

from bpfdoctor.model.failure import Step
from bpfdoctor.model.record import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence of a loader's. `words` are lower case, and stand somewhere in the line.

    `names_target`: the word after it is the target's name.
    """

    words: str
    step: Step
    kind: str = ""
    errno: int | None = None  # where the sentence tells it
    names_target: bool = False


@dataclass(frozen=True, slots=True)
class Loader:
    """One loader. `begins` and `holds` tell its lines from others'; `step` is for lines without a verb."""

    who: str
    begins: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    step: Step = Step.UNKNOWN
    kind: str = ""
    phrases: tuple[Phrase, ...] = ()
    fine: tuple[str, ...] = ()  # how its lines begin that say that the program is loaded or attached
    harmless: tuple[str, ...] = ()  # sentences of refusals after which it goes on
    summaries: tuple[str, ...] = ()  # sentences that only repeat that something failed

    def speaks(self, line: str) -> bool:
        """Whether this loader printed the line."""
        if line.startswith(self.begins):
            return True
        for held in self.holds:  # noqa: SIM110  (any() of a generator takes three times as long)
            if held in line:
                return True
        return False
