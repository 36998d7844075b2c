"""One hook, one machine: everything that its checks find, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable

from bpfdoctor.catalogue import Catalogue
from bpfdoctor.model.diagnosis import Severity
from bpfdoctor.model.preflight import Answer, Cause, Flight, Hook, NotKnown, Remark
from bpfdoctor.preflight import checks, loading
from bpfdoctor.preflight.checks import layout
from bpfdoctor.preflight.labels import of_label, without_labels
from bpfdoctor.preflight.system import System


def flight_of(
    hook: Hook, system: System, rules: Catalogue, shown: Iterable[Cause] = (), *, loads: bool = False
) -> Flight:
    """Whether the hook fires there: not at all, where any cause is an error.

    `shown` are the causes in the program's text; `loads`: the kernel has taken it, so nothing keeps it out.
    """
    of_machine = [] if loads else list(loading.look(hook, system))
    found, is_label = _found(hook, system)
    found += layout.look(hook, system)
    found += [
        *(each for each in of_machine if isinstance(each, Cause)),
        *(of_label(shown) if is_label else shown),
    ]
    told = {
        (each.rule, repr(each.values), each.location): each
        for each in reversed(found)
        if isinstance(each, Cause)
    }
    causes = tuple(reversed(told.values()))
    remarks = tuple(each.text for each in of_machine if isinstance(each, Remark))
    unknown = tuple(dict.fromkeys(each.why for each in found if isinstance(each, NotKnown)))
    if any(rules.rule(each.rule).severity is Severity.ERROR for each in causes):
        return Flight(hook, Answer.WILL_NOT, causes, remarks=remarks)
    return Flight(hook, Answer.UNKNOWN if unknown else Answer.FIRES, causes, unknown, remarks)


def _found(hook: Hook, system: System) -> tuple[list[Cause | NotKnown], bool]:
    """What the checks find, as far as the text says what they have to look at; whether it is a label."""
    if unknown := hook.options.get("unknown"):
        why = f"where it is attached depends on {unknown}, which is only known when the tool runs"
        return [NotKnown(why)], False
    looked = list(checks.look(hook, system)) if checks.knows(hook.kind) else [NotKnown(_unseen(hook))]
    found = without_labels(hook, looked)
    only_if = hook.options.get("only_if")
    if only_if and any(isinstance(each, Cause) for each in found):
        # The tool has another way where this one fails, or does not come by here at all.
        why = f"{hook.target} would not fire, and it is attached only under a condition: {only_if}"
        return [NotKnown(why)], False
    return list(found), found is not looked


def _unseen(hook: Hook) -> str:
    """Why no check looks at a hook."""
    if hook.kind.value == "other":
        return "nothing in the text says what it is attached to"
    return "its loader chooses where it is attached"
